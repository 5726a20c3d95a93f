import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { controlSize } from '../../../../native-probe/ancillary.js';
import { Fd, inodeOf } from '../../../../native-probe/fd.js';
import { type Message, MessageReceiver } from '../../../../native-probe/message.js';
import { peerCredential, peerPidfd } from '../../../../native-probe/peer-credential.js';
import { pidfdId } from '../../../../native-probe/pidfd.js';
import type { SocketType } from '../../../../native-probe/socket-kinds.js';
import { valueOf } from '../../../../src/words/reading.js';
import { requireKernel } from '../../../helpers/machine/kernel-gives.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { freshName } from '../../../helpers/peers/connected.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { Receiver, reportOf } from '../../../helpers/peers/receiver.js';
import { prepareEach } from '../../../helpers/prepare-each.js';

// What tools/testing/selftests/net/af_unix/scm_pidfd.c of the kernel asserts, and what we make of it

/** What /proc says a pidfd's number is. */
function pidOf(pidfd: Fd): number {
  return Number(/^Pid:\s*(-?\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${pidfd.number}`, 'utf8'))?.[1]);
}

function pidfdIn(message: Message): Fd {
  const { pidfd } = message.ancillary;
  assert.ok(pidfd instanceof Fd);
  return pidfd;
}

const types: readonly SocketType[] = ['stream', 'seqpacket', 'dgram'];
const credentialsOnly = 16 + 16;

for (const type of types) {
  for (const kind of ['pathname', 'abstract'] as const) {
    describe(`a message's sender: ${type}, ${kind}`, () => {
      let directory: TemporaryDirectory;
      let receiver: Receiver;
      let client: Peer;
      let clientFd: number;

      before(async function () {
        await requireKernel(this, 'a pidfd of a sender');
      });

      prepareEach(async (keep) => {
        directory = keep(new TemporaryDirectory());
        const address = kind === 'pathname' ? directory.file('socket') : freshName();
        receiver = keep(new Receiver(address, type));
        client = keep(await Peer.start());
        clientFd = await client.number('connect', address, type);
      });

      it('is named by SCM_PIDFD as by SCM_CREDENTIALS', async () => {
        await client.do('sendmsg', clientFd, 'x');
        using ancillary = (await receiver.next()).ancillary;
        assert.deepEqual(ancillary.credential, { pid: client.pid, uid: process.getuid?.(), gid: process.getgid?.() });
        assert.ok(ancillary.pidfd instanceof Fd);
        assert.equal(pidOf(ancillary.pidfd), client.pid);
      });

      if (type !== 'dgram') {
        it('is who SO_PEERPIDFD and SO_PEERCRED name', async () => {
          await client.do('sendmsg', clientFd, 'x');
          const message = await receiver.next();
          using ancillary = message.ancillary;
          using peer = peerPidfd(receiver.socket);
          assert.equal(pidOf(peer), client.pid);
          assert.equal(pidfdId(peer), pidfdId(pidfdIn(message)));
          assert.equal(inodeOf(peer), inodeOf(pidfdIn(message)));
          assert.deepEqual(peerCredential(receiver.socket), ancillary.credential);
        });
      }

      it('is pinned while it runs', async () => {
        await client.do('sendmsg', clientFd, 'x');
        const inspection = reportOf(await receiver.next());
        assert.deepEqual(inspection.judgement, { verdict: 'pinned', basis: 'pidfd' });
        assert.equal(valueOf(inspection.sender.pinned)?.pid, client.pid);
        assert.equal(valueOf(inspection.sender.pinned)?.state, 'running');
        assert.deepEqual(inspection.findings, []);
      });

      it('is told with its exit status when it has ended before anybody received', async function () {
        await requireKernel(this, 'a pidfd of a sender that is reaped');
        await client.do('sendmsg', clientFd, 'x');
        await client.exit(7);
        const inspection = reportOf(await receiver.next());
        assert.deepEqual(inspection.judgement, { verdict: 'exited', basis: 'pidfd' });
        assert.equal(valueOf(inspection.sender.credential)?.pid, client.pid);
        assert.equal(valueOf(inspection.sender.pinned)?.state, 'exited');
        assert.deepEqual(valueOf(inspection.sender.pinned)?.exitStatus, { code: 7 });
        if (type === 'dgram') return;
        using peer = peerPidfd(receiver.socket);
        assert.equal(pidOf(peer), -1);
        assert.equal(pidfdId(peer), valueOf(inspection.sender.pinned)?.pidfdId);
      });

      it('is unpinned when the control buffer is too small for the pidfd', async () => {
        await client.do('sendmsg', clientFd, 'x');
        const message = await receiver.next(new MessageReceiver(1, 64, credentialsOnly));
        assert.ok(message.controlTruncated);
        assert.equal(message.ancillary.pidfd, undefined);
        const inspection = reportOf(message);
        assert.deepEqual(inspection.judgement, { verdict: 'unpinned', basis: 'credential' });
        assert.deepEqual(inspection.sender.pinned, { error: { syscall: 'SCM_PIDFD', code: 'MSG_CTRUNC' } });
        assert.deepEqual(
          inspection.findings.map(({ id }) => id),
          ['control-truncated'],
        );
      });
    });
  }
}

describe('a control buffer of any size', () => {
  before(async function () {
    await requireKernel(this, 'a pidfd of a sender');
  });

  it('gives what is whole in it, and says so when something is not', async () => {
    const name = freshName();
    using receiver = new Receiver(name, 'dgram');
    await using client = await Peer.start();
    const fd = await client.number('connect', name, 'dgram');
    const whole = 16 + 16 + 16 + 4;
    for (let room = 0; room <= whole; room++) {
      await client.do('sendmsg', fd, 'x');
      const { ancillary, controlTruncated } = await receiver.next(new MessageReceiver(1, 64, room));
      using _closed = ancillary;
      assert.equal(ancillary.credential?.pid, room >= 16 + 12 ? client.pid : undefined, `${room} bytes`);
      assert.equal(ancillary.pidfd instanceof Fd, room >= whole, `${room} bytes`);
      assert.equal(controlTruncated, room < whole, `${room} bytes`);
    }
    assert.ok(controlSize > whole);
  });
});
