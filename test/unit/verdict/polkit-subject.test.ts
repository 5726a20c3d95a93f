import assert from 'node:assert/strict';

import { judgePolkit, type PolkitEvidence } from '../../../src/verdict/polkit-subject.js';

const evidence: PolkitEvidence = {
  usesPidfds: true,
  polkit: 'polkit 126',
  hasPidfd: true,
  verdict: 'pinned',
  kernels: 'pinned',
  pid: 42,
  uid: 1000,
  named: 'app 42',
};
const without = { hasPidfd: false, verdict: 'unpinned' } as const;

describe('which process polkit takes for a client', () => {
  const cases: readonly [string, Partial<PolkitEvidence>, goesBy: string, deceived: string, text: RegExp][] = [
    ['a polkit that asks, a bus that gives', {}, 'pidfd', 'no', /^polkit 126 goes by the pidfd .* uid 1000 /],
    ['the same of one that has ended', { verdict: 'recycled' }, 'pidfd', 'no', /Its process has ended\./],
    ['a polkit that does not ask', { usesPidfds: false }, 'start-time', 'possible', /which does not ask the bus/],
    [
      'the same of a PID that is another process',
      { usesPidfds: false, verdict: 'recycled' },
      'start-time',
      'yes',
      /That is app 42, which is not the client\./,
    ],
    ['a polkit of which nothing is known', { usesPidfds: undefined }, 'not-known', 'not-known', /from 124 on/],
    [
      'a bus that gives none',
      without,
      'start-time',
      'possible',
      /since the bus gives no pidfd, .* Now that is the client;/,
    ],
    ['the same, recycled by the kernel', { ...without, kernels: 'recycled' }, 'start-time', 'yes', /not the client\./],
    ['the same, unknown to who asks', { ...without, kernels: undefined }, 'start-time', 'not-known', /is not known\./],
    [
      'the same, with nobody there',
      { ...without, kernels: 'exited', named: undefined },
      'start-time',
      'possible',
      /Nobody has it now/,
    ],
    ['no PID', { ...without, pid: 0, verdict: 'foreign' }, 'nothing', 'no', /gives no PID/],
  ];
  for (const [what, given, goesBy, deceived, text] of cases) {
    it(what, () => {
      const judged = judgePolkit({ ...evidence, ...given });
      assert.deepEqual([judged.goesBy, judged.deceived], [goesBy, deceived]);
      assert.match(judged.text, text);
    });
  }
});
