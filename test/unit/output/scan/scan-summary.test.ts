import assert from 'node:assert/strict';

import type { NotSeenDocument } from '../../../../src/document/scan-document.js';
import { notSeenLines } from '../../../../src/output/scan/scan-summary.js';
import { allSeen } from '../../../helpers/document.js';

const notSeen: NotSeenDocument = {
  ...allSeen,
  processes: [{ pid: 7, comm: 'sealed' }],
  withoutHolder: 2,
  withoutNamespace: { processes: 1, sockets: 0 },
};

describe('what a scan could not see', () => {
  it('has a reason once, with all that is missing for it', () => {
    const reasons = (['holders', 'networkNamespaces'] as const).map((fact) => ({ fact, reason: 'a sandbox' }));
    assert.deepEqual(notSeenLines({ ...notSeen, reasons }, []).slice(-2), [
      'could not be looked into: the network namespaces of 1 process',
      'why no holder and no look into network namespaces: a sandbox',
    ]);
  });

  it('has a reason of network namespaces alone in their own line', () => {
    const reasons = [
      { fact: 'holders', reason: 'a sandbox' },
      { fact: 'networkNamespaces', reason: 'no right' },
    ] as const;
    assert.deepEqual(notSeenLines({ ...notSeen, reasons }, []).slice(-2), [
      'could not be looked into: the network namespaces of 1 process: no right',
      'why no holder: a sandbox',
    ]);
  });
});
