import assert from 'node:assert/strict';
import { constants } from 'node:os';

import type { Sent } from '../../../src/socket/sending.js';
import { assertProblem } from '../../helpers/assert-problem.js';
import { verdictOf } from '../../helpers/machine/kernel-gives.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { refusing } from '../../helpers/machine/seccomp.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { Listening } from '../../helpers/running/listening.js';
import { type Outcome, outcomeOf, runPeerpid, startPeerpid } from '../../helpers/running/run-peerpid.js';

async function sendInput(input: Buffer, args: readonly string[]): Promise<Outcome> {
  const child = startPeerpid(['send', ...args]);
  child.stdin.on('error', () => undefined);
  child.stdin.write(input);
  return outcomeOf(child);
}

for (const type of ['stream', 'seqpacket', 'dgram'] as const) {
  describe(`peerpid send to a ${type} socket`, () => {
    let name: string;
    let listening: Listening;

    prepareEach(async (keep) => {
      name = freshName();
      listening = keep(await Listening.start(['--type', type, name]));
    });

    it('sends a text, and finds the type out', async () => {
      const { status, stdout, stderr } = await runPeerpid(['send', name, 'héllo']);
      assert.deepEqual([status, stderr], [0, '']);
      assert.equal(stdout, `sent 6 bytes (${type})\n`);
      const { preview, bytes } = await listening.next('message');
      assert.deepEqual([preview, bytes], ['héllo', 6]);
    });

    it('sends what standard input gives', async () => {
      const { status } = await sendInput(Buffer.of(0x61, 10, 0, 0xff, 10), [name]);
      assert.equal(status, 0);
      assert.equal((await listening.next('message')).preview, 'a\n\0\\xff\n');
    });

    it('tells in JSON what it sent', async () => {
      const { status, stdout } = await runPeerpid(['send', '--json', name, 'abc']);
      assert.equal(status, 0);
      assert.deepEqual(JSON.parse(stdout) as Sent, { bytes: 3, type, stated: null });
    });

    it('states other credentials, as root', async function () {
      requireThat(this, isRoot, 'it takes root');
      const as = ['--as-pid', `${process.pid}`, '--as-uid', '1234', '--as-gid', '5678'];
      const { status, stdout } = await runPeerpid(['send', '--json', ...as, name, 'x']);
      const stated = { pid: process.pid, uid: 1234, gid: 5678 };
      assert.equal(status, 0);
      assert.deepEqual((JSON.parse(stdout) as Sent).stated, stated);
      const { credential, verdict, byPidfd } = await listening.next('message');
      assert.deepEqual(credential, stated);
      const expected = await verdictOf('sender', 'pinned');
      assert.equal(verdict, expected.verdict);
      assert.equal(byPidfd?.pid, expected.basis === 'pidfd' ? process.pid : undefined);
      const text = await runPeerpid(['send', ...as, name, 'x']);
      assert.equal(text.stdout, `sent 1 byte (${type}), stated as PID ${process.pid}, uid 1234, gid 5678\n`);
    });

    it('says what stating credentials takes, to those who may not', async function () {
      requirePrograms(this, 'setpriv');
      requireThat(this, isRoot, 'it takes root to become nobody');
      const wrapper = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
      for (const [as, id, capability] of [
        ['--as-pid', 'pid', 'CAP_SYS_ADMIN'],
        ['--as-uid', 'uid', 'CAP_SETUID'],
        ['--as-gid', 'gid', 'CAP_SETGID'],
      ] as const) {
        await assertProblem(
          ['send', as, '1', name, 'x'],
          {
            status: 1,
            message: /^the kernel does not let you state these credentials$/,
            hint: new RegExp(
              `^Another ${id === 'pid' ? 'PID' : id} needs ${capability} \\(unix\\(7\\)\\), and you lack ${capability} here: `,
            ),
          },
          { wrapper },
        );
      }
    });
  });
}

describe('peerpid send', () => {
  it('sends several hundred KiB to a stream, whole', async () => {
    const name = freshName();
    const length = 700_001;
    await using listening = await Listening.start(['--once', name]);
    const { status, stdout } = await sendInput(Buffer.alloc(length, 'z'), ['--json', name]);
    assert.equal(status, 0);
    assert.equal((JSON.parse(stdout) as Sent).bytes, length);
    assert.equal((await listening.next('disconnect')).bytes, length);
  });

  it('says that a datagram socket which is connected itself takes nothing of others', async () => {
    const [name, its] = [freshName(), freshName()];
    await using receiver = await Peer.start();
    await receiver.do('listen', its, 'dgram');
    await receiver.do('bindAndConnect', name, its, 'dgram');
    await assertProblem(['send', name, 'x'], {
      status: 1,
      message: /^you may not connect to @/,
      hint: /^It is a datagram socket that is connected itself, so it receives only from its own peer \(unix\(7\)\)\.$/,
    });
  });

  it('says of root what root lacks', async function () {
    requirePrograms(this, 'setpriv');
    requireThat(this, isRoot, 'it takes root to give a capability up');
    const name = freshName();
    await using _listening = await Listening.start([name]);
    await assertProblem(
      ['send', '--as-pid', '1', '--as-uid', '1', name, 'x'],
      {
        status: 1,
        message: /state these credentials/,
        hint: /^Another PID needs .*, and you lack CAP_SYS_ADMIN here: /,
      },
      { wrapper: ['setpriv', '--inh-caps=-sys_admin', '--bounding-set=-sys_admin'] },
    );
  });

  it('speaks of no credentials where none were stated', async function () {
    requirePrograms(this, 'python3');
    requireThat(this, isRoot, 'only root can set the filter of the test');
    const name = freshName();
    await using _listening = await Listening.start([name]);
    await assertProblem(
      ['send', name, 'x'],
      {
        status: 1,
        message: /^you may not send to this socket$/,
        hint: /It may be .*the seccomp filter that peerpid runs/,
      },
      { wrapper: refusing('sendmsg', constants.errno.EPERM) },
    );
  });

  it('says when a message is too long for a datagram', async () => {
    const name = freshName();
    await using _listening = await Listening.start(['--type', 'dgram', name]);
    const { status, stderr } = await sendInput(Buffer.alloc(8 << 20), [name]);
    assert.equal(status, 1);
    assert.match(stderr, /too long.*\n {2}hint: .*net\.core\.wmem_default/);
  });

  for (const [what, args] of [
    ['a pid that is none', ['--as-pid', 'x']],
    ['a negative pid', ['--as-pid', '-1']],
    ['a pid beyond 31 bits', ['--as-pid', '2147483648']],
    ['a uid beyond 32 bits', ['--as-uid', '4294967296']],
    ['the uid that means none', ['--as-uid', '4294967295']],
    ['a gid beyond 32 bits', ['--as-gid', '4294967296']],
  ] as const) {
    it(`takes ${what} for wrong usage`, async () => {
      const name = freshName();
      await using _listening = await Listening.start([name]);
      const { status, stderr } = await runPeerpid(['send', ...args, name, 'x']);
      assert.equal(status, 2, stderr);
      assert.match(stderr, /^\S.*\n {2}hint: /);
    });
  }

  for (const type of ['stream', 'seqpacket', 'dgram'] as const) {
    it(`waits for a place in a full queue, and no longer than --timeout: ${type}`, async () => {
      const name = freshName();
      await using receiver = await Peer.start();
      await receiver.do('listen', name, type);
      const start = performance.now();
      // Nobody reads, and each datagram takes its place
      let outcome: Outcome;
      let rounds = 0;
      do {
        const input = type === 'stream' ? Buffer.alloc(4 << 20) : Buffer.alloc(100_000);
        outcome = await sendInput(input, ['--timeout', '0.3', name]);
        rounds++;
      } while (outcome.status === 0 && rounds < 50);
      assert.equal(outcome.status, 1);
      assert.match(outcome.stderr, /stays full/);
      assert.ok(performance.now() - start >= 300);
    });
  }

  for (const command of ['inspect', 'listen', 'send']) {
    it(`takes no SOCKET from standard input: ${command}`, async () => {
      const child = startPeerpid([command, '--timeout', '0.1']);
      child.stdin.write(`${freshName()}\n`);
      const { stdout, stderr, status } = await outcomeOf(child);
      assert.doesNotMatch(stdout + stderr, /@peerpid-test/);
      assert.equal(status, command === 'listen' ? 0 : 2);
    });
  }

  it('says that nobody is there', async () => {
    const { status, stdout } = await runPeerpid(['send', '--json', freshName(), 'x']);
    assert.equal(status, 1);
    assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'ECONNREFUSED');
  });

  it('says when the other end goes away in the middle', async () => {
    const name = freshName();
    await using receiver = await Peer.start();
    const listener = await receiver.number('listen', name);
    const child = startPeerpid(['send', name]);
    child.stdin.on('error', () => undefined);
    const fd = await receiver.number('accept', listener);
    await receiver.do('close', fd);
    child.stdin.write('late');
    const { status, stderr } = await outcomeOf(child);
    assert.equal(status, 1);
    assert.match(stderr, /the other end is closed, or accepts nothing more\n {2}hint: /);
  });
});
