import assert from 'node:assert/strict';

import type { Holder } from '../../../../native-probe/proc/socket-holders.js';
import type { Holders } from '../../../../src/socket/holders.js';
import type { Refused } from '../../../../src/socket/opening/duplicate-from-holders.js';
import { type Asker, notDuplicated, whyNotDuplicated } from '../../../../src/socket/opening/not-duplicated.js';
import type { Reading } from '../../../../src/words/reading.js';
import { refused as refusal } from '../../../helpers/facts.js';

const holder = (pid: number): Holder => ({
  pid,
  thread: undefined,
  pidfdId: 7n,
  comm: Buffer.from('postgres'),
  fds: [3],
});
const held = (found: Holder[], notSeen = 0, hidden = false): Reading<Holders> => ({
  value: { found, notSeen, hidden, cut: 0, seen: new Set() },
});
const refusedBy = (...pids: number[]): Refused[] => pids.map((pid) => ({ holder: holder(pid), code: 'EPERM' }));

const root: Asker = { uid: 0, ptraceScope: undefined, uidOf: () => 0 };
const user: Asker = { uid: 1000, ptraceScope: 1, uidOf: (pid) => (pid === 9 ? 1000 : 0) };

type Case = readonly [string, Reading<Holders>, ReturnType<typeof refusedBy>, Asker, string, RegExp, RegExp];

const cases: readonly Case[] = [
  [
    'another user',
    held([holder(8)]),
    refusedBy(8),
    user,
    'EPERM',
    /^we may not look into any process that holds \/run\/x: 8 postgres$/,
    /right to trace the process: run as root/,
  ],
  [
    'a process of our own, with Yama',
    held([holder(9)]),
    refusedBy(9),
    user,
    'EPERM',
    /9 postgres$/,
    /ptrace_scope is 1.*own processes either: run as root/,
  ],
  [
    'one of several, with Yama',
    held([holder(8), holder(9)]),
    refusedBy(8, 9),
    user,
    'EPERM',
    /8 postgres, and 1 more$/,
    /ptrace_scope is 1/,
  ],
  [
    'a process of our own, without Yama',
    held([holder(9)]),
    refusedBy(9),
    { ...user, ptraceScope: 0 },
    'EPERM',
    /9 postgres$/,
    /right to trace/,
  ],
  [
    'root',
    held([holder(8)]),
    refusedBy(8),
    root,
    'EPERM',
    /8 postgres$/,
    /has no CAP_SYS_PTRACE.*: omit --no-connect\.$/,
  ],
  [
    'nobody who is seen',
    held([], 1),
    [],
    user,
    'EACCES',
    /^no process was seen that holds \/run\/x$/,
    /^We may not look into 1 process, .*root/,
  ],
  ['nobody who is shown', held([], 0, true), [], user, 'EACCES', /^no process was seen/, /hidepid.*root/],
  [
    'nobody here at all',
    held([]),
    [],
    root,
    'ESRCH',
    /^no process was seen that holds \/run\/x$/,
    /outside this PID namespace/,
  ],
  ['one who closed it', held([holder(8)]), [], root, 'EAGAIN', /has just closed it$/, /try again/],
  [
    'an io_uring alone',
    held([{ ...holder(8), ring: 4, fds: [] }]),
    [],
    user,
    'EBADF',
    /^\/run\/x is registered with an io_uring of 8 postgres, /,
    /no descriptor that peerpid could ask/,
  ],
  [
    'no /proc',
    refusal('ENOENT', '/proc does not show this PID namespace'),
    [],
    root,
    'ENOENT',
    /^peerpid cannot see who holds \/run\/x: \/proc does not/,
    /Mount the \/proc/,
  ],
];

describe('notDuplicated', () => {
  for (const [title, holders, refused, asker, code, message, hint] of cases) {
    it(title, () => {
      const problem = notDuplicated('/run/x', holders, refused, asker);
      assert.equal(problem.code, code);
      assert.match(problem.message, message);
      assert.match(problem.hint, hint);
      assert.match(problem.hint, /omit --no-connect|try again/);
      assert.equal(problem.exitStatus, 1);
    });
  }

  it('is a reason for a missing fact too', () => {
    assert.deepEqual(whyNotDuplicated(held([holder(8)]), refusedBy(8)), {
      syscall: 'we may not look into any process that holds it: 8 postgres',
      code: 'EPERM',
    });
  });
});
