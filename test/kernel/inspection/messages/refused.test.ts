import assert from 'node:assert/strict';

import { childrenOf } from '../../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { placesOf, runInjected, whyNoStrace } from '../../../helpers/machine/strace.js';
import { freshName } from '../../../helpers/peers/connected.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { Listening } from '../../../helpers/running/listening.js';
import { idsOf } from '../../../helpers/running/message-events.js';

const option = /SO_PASSPIDFD|0x4c\b/;

/** A listen that is refused SO_PASSPIDFD, as by a kernel before 6.5 or a BPF program on the cgroup. */
async function startRefused(
  name: string,
  type: string,
  code: string,
  inside: readonly string[] = [],
): Promise<Listening> {
  const probe = ['listen', '--type', type, '--timeout', '0.01', freshName()];
  const { calls } = await runInjected(probe, ['setsockopt'], []);
  const [place] = placesOf(calls, 'setsockopt', option);
  assert.ok(place, `no setsockopt(SO_PASSPIDFD) among ${calls.join('; ')}`);
  const inject = `inject=setsockopt:error=${code}:when=${place}`;
  const wrapper = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=setsockopt', '-e', inject, ...inside];
  return Listening.start(['--type', type, name], { wrapper });
}

/** What strace runs goes on when strace is killed, so that it is to be ended itself. */
function endOfTraced({ child, exitStatus }: Listening): AsyncDisposable {
  const traced = childrenOf(child.pid ?? 0);
  return {
    async [Symbol.asyncDispose]() {
      for (const pid of traced) process.kill(pid, 'SIGKILL');
      await exitStatus;
    },
  };
}

describe('SO_PASSPIDFD that is refused, by fault injection', () => {
  before(function () {
    requirePrograms(this, 'strace');
    const reason = whyNoStrace();
    requireThat(this, reason === undefined, reason ?? '');
  });

  for (const code of ['ENOPROTOOPT', 'EPERM']) {
    for (const type of ['stream', 'seqpacket', 'dgram'] as const) {
      it(`${code}: ${type} messages are unpinned, and listen says so once`, async () => {
        const name = freshName();
        await using listening = await startRefused(name, type, code);
        await using _traced = endOfTraced(listening);
        const warning = await listening.any();
        assert.ok(warning.event === 'warning');
        assert.equal(warning.code, 'UNASKED');
        assert.match(warning.text, new RegExp(`SO_PASSPIDFD: ${code}\\.$`));
        await using client = await Peer.start();
        const fd = await client.number('connect', name, type);
        // A stream makes one of two that are the same sender's
        for (const text of ['one', 'two']) {
          await client.do('sendmsg', fd, text);
          let event = await listening.any();
          if (event.event === 'connection') event = await listening.any();
          assert.ok(event.event === 'message', event.event);
          assert.equal(event.preview, text);
          assert.deepEqual([event.verdict, event.basis], ['unpinned', 'credential']);
          assert.equal(event.credential?.pid, client.pid);
          assert.equal(event.byPidfd, null);
          assert.deepEqual(idsOf(event), []);
          assert.match(event.text, /No pidfd came with the message \(none was sent along\)/);
        }
      });
    }
  }

  it('a sender outside of our namespaces is foreign, and not taken for one that sent before it was asked', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'becoming another user takes root');
    const name = freshName();
    const inside = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'];
    await using listening = await startRefused(name, 'dgram', 'EPERM', inside);
    await using _traced = endOfTraced(listening);
    await using client = await Peer.start();
    await client.do('setgid', 1000);
    await client.do('setuid', 1000);
    await client.do('send', await client.number('connect', name, 'dgram'), 'x');
    const message = await listening.next('message');
    assert.deepEqual([message.verdict, message.basis], ['foreign', 'credential']);
    assert.deepEqual(idsOf(message), ['uid-unmapped', 'gid-unmapped']);
  });
});
