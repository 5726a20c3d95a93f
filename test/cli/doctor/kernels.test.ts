import assert from 'node:assert/strict';

import type { DoctorDocument } from '../../../src/document/doctor-document.js';
import { type Gift, kernelGives } from '../../helpers/machine/kernel-gives.js';
import { refusedRights } from '../../helpers/machine/questions/options.js';
import { namespaceIoctls, pidfdIds } from '../../helpers/machine/questions/pidfds.js';
import { isRoot, requireThat } from '../../helpers/machine/requirements.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

const gives = (gift: Gift) => () => kernelGives(gift);

/** Rows of doctor's, and the same question asked without it. */
const questions: readonly (readonly [id: string, ask: () => boolean | Promise<boolean>])[] = [
  ['so-peercred', () => true],
  ['so-peerpidfd', gives('a pidfd of a peer')],
  ['reaped-peer', gives('a pidfd of a peer that is reaped')],
  ['scm-pidfd', gives('a pidfd of a sender')],
  ['reaped-sender', gives('a pidfd of a sender that is reaped')],
  ['exit-status', gives('exit statuses (PIDFD_GET_INFO)')],
  ['pidfd-ids', async () => (await pidfdIds()) === 'unique'],
  ['namespace-ioctls', () => namespaceIoctls() === 'given'],
  ['so-passrights', () => refusedRights() === 'EPERM'],
];

describe('peerpid doctor finds what the kernel answers', () => {
  before(function () {
    requireThat(this, isRoot, 'of others it may be less');
  });

  it('row by row', async () => {
    const { status, stdout } = await runPeerpid(['doctor', '--json']);
    const { rows } = JSON.parse(stdout) as DoctorDocument;
    for (const [id, ask] of questions) {
      const row = rows.find((one) => one.id === id);
      assert.equal(row?.ability, (await ask()) ? 'works' : 'does-not', id);
    }
    assert.equal(status, (await kernelGives('a pidfd of a peer')) ? 0 : 4);
  });

  it('and says it for people', async () => {
    const { stdout, status } = await runPeerpid(['doctor']);
    assert.match(stdout, /SO_PEERPIDFD/);
    assert.equal(status, (await kernelGives('a pidfd of a peer')) ? 0 : 4);
  });
});
