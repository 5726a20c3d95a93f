import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';

import { CallingChild } from '../../../../native-probe/calls/calling-child.js';
import { recv } from '../../../../native-probe/libc.js';
import { endOf } from '../../../../native-probe/pidfd.js';
import { SyscallError } from '../../../../native-probe/syscall-error.js';
import { uapi } from '../../../../native-probe/uapi.js';
import { openSocketPair } from '../../../../native-probe/unix-socket.js';
import { unusedPid } from '../../../helpers/machine/unused-pid.js';
import { waitFor } from '../../../helpers/wait-for.js';

describe('CallingChild', () => {
  it('makes its calls one after the other, and ends as it is told', () => {
    const [ours, its] = openSocketPair('stream');
    using near = ours;
    using far = its;
    using child = CallingChild.start([
      ['send', far.number, Buffer.from('one '), 4, 0],
      ['send', far.number, Buffer.from('two'), 3, 0],
      ['_exit', 7],
    ]);
    assert.equal(child.wait(), 7 << 8);
    const received = Buffer.alloc(16);
    assert.equal(recv(near.number, received, received.length, 0), 7);
    assert.equal(received.toString('latin1', 0, 7), 'one two');
  });

  it('is another process, with a pidfd and a name of its own', async () => {
    using child = CallingChild.start([['prctl', uapi.PR_SET_NAME, Buffer.from('a client\0')], ['pause']]);
    await waitFor('it has its name', () => readFileSync(`/proc/${child.pid}/comm`, 'utf8') === 'a client\n');
    const parent = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
    assert.equal(parent, process.pid);
    assert.equal(endOf(child.pidfd), 'running');
  });

  it('is killed and reaped at the end of the block, and leaves no descriptor', () => {
    const before = readdirSync('/proc/self/fd');
    let pid: number;
    {
      using child = CallingChild.start([['pause']]);
      pid = child.pid;
    }
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.deepEqual(readdirSync('/proc/self/fd'), before);
  });

  it('starts one after the other, each with all its calls', () => {
    for (let round = 0; round < 100; round++) {
      using child = CallingChild.start([['getpid'], ['getppid'], ['_exit', round]]);
      assert.equal(child.wait(), round << 8);
    }
  });

  it('adopts no process that is not ours, and no number that nobody has', () => {
    const before = readdirSync('/proc/self/fd');
    const codes = [process.ppid, unusedPid()].map((pid) => {
      try {
        using _other = CallingChild.adopt(pid);
        return 'adopted';
      } catch (error) {
        return error instanceof SyscallError ? error.code : error;
      }
    });
    assert.deepEqual(codes, ['ECHILD', 'ESRCH']);
    assert.deepEqual(readdirSync('/proc/self/fd'), before);
  });

  it('says which function the C library does not have', () => {
    assert.throws(
      () => CallingChild.start([['no_such_function']]),
      (error) => error instanceof SyscallError && error.errno === constants.errno.ENOSYS,
    );
  });
});
