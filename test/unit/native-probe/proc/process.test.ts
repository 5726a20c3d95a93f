import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { askCommandLine } from '../../../../native-probe/proc/process-strings.js';
import { parseCommandLine, processStat, processStatus } from '../../../../native-probe/proc/process.js';
import { failedWith } from '../../../../native-probe/syscall-error.js';
import { assertLinear } from '../../../helpers/cost.js';

/** A real process that calls itself so. */
async function named(name: string, use: (pid: number) => void): Promise<void> {
  const program = `require('fs').writeFileSync('/proc/self/comm', ${JSON.stringify(name)}); console.log(); process.stdin.resume()`;
  const child = spawn(process.execPath, ['-e', program, 'argument', ''], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    use(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

describe('what /proc says of a process', () => {
  it('is so of our own', () => {
    const { state, startTicks, isKernelThread } = processStat(process.pid);
    assert.equal(isKernelThread, false);
    assert.equal(state, 'R');
    assert.ok(startTicks > 0);
    const status = processStatus(process.pid);
    assert.equal(status.threadGroup, process.pid);
    assert.equal(status.uids.effective, process.geteuid?.());
    assert.equal(status.gids.real, process.getgid?.());
    // Node adds the effective gid
    assert.deepEqual(new Set([...status.groups, process.getegid?.()]), new Set(process.getgroups?.()));
    assert.equal(status.namespacePids[0], process.pid);
  });

  for (const name of [') Z 1 (x', 'a b\tc', 'x\nUid:\t0\t0\t0', '((()))', '\x1b[2J']) {
    it(`is not confused by a process called ${JSON.stringify(name)}`, async () => {
      await named(name, (pid) => {
        const { comm, state, startTicks } = processStat(pid);
        assert.equal(comm.toString(), name);
        assert.match(state, /^[RSD]$/);
        assert.ok(startTicks >= processStat(process.pid).startTicks);
        const { threadGroup, uids } = processStatus(pid);
        assert.equal(threadGroup, pid);
        assert.deepEqual(uids, processStatus(process.pid).uids);
        assert.deepEqual(askCommandLine(pid).answer().strings.slice(-2).map(String), ['argument', '']);
      });
    });
  }

  for (const [bytes, args] of [
    ['', []],
    ['a\0b\0', ['a', 'b']],
    ['a\0\0b', ['a', '', 'b']],
    ['\0\0', ['', '']],
  ] as const) {
    it(`has the arguments of ${JSON.stringify(bytes)}`, () => {
      assert.deepEqual(parseCommandLine(Buffer.from(bytes)).map(String), args);
    });
  }

  it('takes time by the bytes of a command line', () => {
    assertLinear(16 * 1024, (size) => {
      const bytes = Buffer.alloc(size);
      return () => parseCommandLine(bytes);
    });
  });

  it('stays what it was when another is read', () => {
    const { comm } = processStat(process.pid);
    const args = askCommandLine(process.pid).answer().strings.map(String);
    const kept = askCommandLine(process.pid).answer();
    processStatus(process.pid);
    processStat(1);
    assert.deepEqual(kept.strings.map(String), args);
    assert.deepEqual(comm, processStat(process.pid).comm);
  });

  it('is refused when nobody has the number', () => {
    for (const read of [processStat, processStatus, askCommandLine]) {
      assert.throws(
        () => read(2 ** 30),
        (error) => failedWith(error, 'ENOENT'),
      );
    }
  });
});
