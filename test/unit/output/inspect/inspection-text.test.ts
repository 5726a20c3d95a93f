import assert from 'node:assert/strict';

import { inspectionText } from '../../../../src/output/inspect/inspection-text.js';
import { context, plain } from '../../../helpers/document.js';

describe('the text of an inspection', () => {
  it('has what is wrong right below the answer, and what is only worth knowing below the table', () => {
    const findings = [
      { id: 'open-to-all', severity: 'info', text: 'Anybody may connect.' },
      { id: 'backlog-near-full', severity: 'warning', text: 'Its backlog is full.' },
    ] as const;
    const lines = inspectionText(context({ findings }), plain()).split('\n');
    assert.match(lines[1] ?? '', /^warning +Its backlog is full\.$/);
    assert.equal(lines.filter((line) => line.startsWith('warning')).length, 1);
    const info = lines.findIndex((line) => line.startsWith('info'));
    assert.ok(info > lines.findIndex((line) => line.startsWith('pid ')), lines.join('\n'));
  });
});
