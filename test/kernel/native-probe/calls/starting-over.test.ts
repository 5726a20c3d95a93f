import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { built } from '../../../helpers/running/program-root.js';

const program = built('test/helpers/programs/start-over.js');

describe('startingOver', () => {
  it('begins anew where there is no progress, after it gave the terminal back', () => {
    const { stdout, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
    assert.equal(stdout, 'begins\nfarewell\nbegins anew\n');
    assert.equal(status, 0);
  });

  it('loses no signal that Node has not seen yet', () => {
    const { stdout, signal } = spawnSync(process.execPath, [program, 'SIGTERM'], { encoding: 'utf8' });
    assert.equal(stdout, 'begins\nfarewell\n');
    assert.equal(signal, 'SIGTERM');
  });
});
