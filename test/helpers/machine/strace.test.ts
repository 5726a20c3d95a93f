import assert from 'node:assert/strict';

import { type Fault, hasLanded } from './strace.js';

const fault: Fault = ['socket', /AF_UNIX/, 'error=EMFILE'];
const answered = 'socket(AF_UNIX, SOCK_STREAM, 0) = -1 EMFILE (Too many open files) (INJECTED)';
const untouched = 'socket(AF_UNIX, SOCK_STREAM, 0) = 18';
const other = 'socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG) = -1 EMFILE (Too many open files) (INJECTED)';

describe('whether an injected fault met the call that it was meant for', () => {
  for (const [title, calls, landed] of [
    ['the first of them: yes', [answered, untouched], true],
    ['a later one: no', [untouched, answered], false],
    ['another of that name too: no', [answered, other], false],
    ['only another: no', [other, untouched], false],
    ['no such call was made: no', [], false],
  ] as const) {
    it(title, () => {
      assert.equal(hasLanded(fault, calls), landed);
    });
  }

  it('onwards: others of that name may be met too', () => {
    assert.ok(hasLanded(['socket', /AF_UNIX/, 'error=EMFILE', 'onwards'], [answered, other]));
  });
});
