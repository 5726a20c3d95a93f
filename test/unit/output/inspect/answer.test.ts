import assert from 'node:assert/strict';

import { answerText } from '../../../../src/output/inspect/answer.js';
import { context, processDocument } from '../../../helpers/document.js';

const credential = { pid: 42, uid: 33, user: 'www-data', gid: 33 };
const uids = { real: 5, effective: 5, saved: 5, fs: 5 };

describe('the answer of an inspection', () => {
  const cases: readonly (readonly [Parameters<typeof context>[0], string])[] = [
    [
      { verdict: 'pinned', recordedBy: 'connect(2)' },
      'peer (PID 42, user www-data) connected. Its PID can be trusted.',
    ],
    [
      { verdict: 'pinned', byPidfd: processDocument({ unit: 'a.service', container: { runtime: 'docker', id: 'b' } }) },
      'peer (PID 42, user www-data, a.service, docker b) called listen(2). Its PID can be trusted.',
    ],
    [
      { verdict: 'pinned', byPidfd: processDocument({ state: 'zombie' }) },
      'peer (PID 42, user www-data) called listen(2), and has ended, but keeps its PID until its parent waits for it.',
    ],
    [
      { verdict: 'exited', byPid: null, byPidfd: processDocument({ state: 'exited' }) },
      "The process that called listen(2) has ended, and nobody has PID 42 now: the PID can't be trusted.",
    ],
    // The user that was recorded is not the one of who has the number now
    [
      { verdict: 'recycled', byPid: processDocument({ comm: 'thief', uids }) },
      "The process that called listen(2) has ended, and PID 42 is thief (user 5) now: the PID can't be trusted.",
    ],
    [
      { verdict: 'unpinned', byPidfd: null, byPid: processDocument({ uids }) },
      "PID 42 is peer (user 5) now; it is not known whether that is the process that called listen(2), so the PID can't be trusted.",
    ],
    [
      { verdict: 'foreign', credential: { ...credential, pid: 0 } },
      'The process that called listen(2) lives outside this PID namespace: there is no PID to trust.',
    ],
    [
      { verdict: 'contradicted' },
      "The kernel's answers on the process that called listen(2) contradict each other: PID 42 can't be trusted.",
    ],
    [{ verdict: 'none', credential: null, byPid: null, byPidfd: null }, 'There is no peer whose PID could be trusted.'],
  ];

  for (const [given, answer] of cases) {
    it(answer, () => {
      const { document, names } = context({ credential, ...given });
      assert.equal(answerText({ document, names: { ...names, user: () => undefined } }), answer);
    });
  }

  it('lets no control character of a process through', () => {
    const { document, names } = context({ verdict: 'pinned', byPidfd: processDocument({ comm: 'a\x1b[2J\n' }) });
    assert.doesNotMatch(answerText({ document, names }), /\p{Cc}/u);
  });
});
