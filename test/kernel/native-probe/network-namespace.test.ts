import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readlinkSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';

import { Fd, inodeOf } from '../../../native-probe/fd.js';
import * as net from '../../../native-probe/network-namespace.js';
import { duplicateFrom, openPidfd } from '../../../native-probe/pidfd.js';
import { listSockets, openSockDiag } from '../../../native-probe/sock-diag.js';
import { formatAddress } from '../../../src/socket/address.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { built } from '../../helpers/running/program-root.js';

const unshareNet = ['unshare', '--net'];

/** Calls, and checks that we are where we were and that no descriptor stayed open, whatever came of it. */
function leavingNothing<T>(call: () => T): T {
  const look = (): unknown => [readlinkSync('/proc/self/ns/net'), readdirSync('/proc/self/fd')];
  const before = look();
  try {
    return call();
  } finally {
    assert.deepEqual(look(), before);
  }
}

/** The names of the sockets that listen in a namespace. */
function listenersIn(namespace: Fd): (string | undefined)[] {
  return leavingNothing(() =>
    listSockets('listening', () => net.inNetworkNamespace(namespace, openSockDiag)).map(({ address }) =>
      formatAddress(address),
    ),
  );
}

const ourListeners = (): (string | undefined)[] =>
  listSockets('listening').map(({ address }) => formatAddress(address));

/** A file that a network namespace is bound to, until the end of the block. */
function bindNamespace(pid: number, path: string): Disposable {
  writeFileSync(path, '');
  execFileSync('mount', ['--bind', `/proc/${pid}/ns/net`, path]);
  return {
    [Symbol.dispose]: () => {
      execFileSync('umount', [path]);
      rmSync(path);
    },
  };
}

/** /run/netns, which `ip netns` makes when it is first used. */
function netnsDirectory(): Disposable {
  const made = mkdirSync('/run/netns', { recursive: true });
  return {
    [Symbol.dispose]: () => {
      if (made !== undefined) rmdirSync('/run/netns');
    },
  };
}

/** Runs statements with the functions of network-namespace.js as `net`, in a process of its own; it prints JSON. */
function runApart(wrapper: readonly string[], statements: string): unknown {
  const module = built('native-probe/network-namespace.js');
  const script = `const net = await import(${JSON.stringify(module)}); const tell = (value) => console.log(JSON.stringify(value)); ${statements}`;
  const [command, ...args] = [...wrapper, process.execPath, '--input-type=module', '-e', script];
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8' })) as unknown;
}

describe('network namespaces', () => {
  before(function () {
    requirePrograms(this, 'unshare', 'mount', 'umount');
    requireThat(this, isRoot, 'network namespaces take root');
  });

  it('of a process: its number, and the sockets in it and not here', async () => {
    const name = freshName();
    await using inside = await Peer.start({ wrapper: unshareNet });
    await inside.do('listen', name);
    const number = leavingNothing(() => net.networkNamespaceOfProcess(inside.pid));
    assert.equal(`net:[${number}]`, readlinkSync(`/proc/${inside.pid}/ns/net`));
    assert.notEqual(number, net.ownNetworkNamespace());
    using namespace = net.openNetworkNamespaceOfProcess(inside.pid);
    assert.equal(inodeOf(namespace), BigInt(number));
    assert.equal(
      leavingNothing(() => net.inNetworkNamespace(namespace, net.ownNetworkNamespace)),
      number,
    );
    assert.deepEqual(listenersIn(namespace), [name]);
    assert.ok(!ourListeners().includes(name));
  });

  it('our own is that of /proc/self', () => {
    const number = leavingNothing(() => net.ownNetworkNamespace());
    assert.equal(`net:[${number}]`, readlinkSync('/proc/self/ns/net'));
    assert.equal(net.networkNamespaceOfProcess(process.pid), number);
  });

  it('the way back is taken when the call throws', async () => {
    await using inside = await Peer.start({ wrapper: unshareNet });
    using namespace = net.openNetworkNamespaceOfProcess(inside.pid);
    const thrown = new Error('from the call');
    let was = 0;
    const call = (): never => {
      was = net.ownNetworkNamespace();
      throw thrown;
    };
    assert.throws(
      () => leavingNothing(() => net.inNetworkNamespace(namespace, call)),
      (error) => error === thrown,
    );
    assert.equal(was, net.networkNamespaceOfProcess(inside.pid));
  });

  it('another kind of namespace, and what is none, are refused before the call', () => {
    for (const path of ['/proc/self/ns/mnt', '/dev/null']) {
      using other = new Fd(openSync(path, 'r'));
      let called = false;
      const call = (): void => {
        called = true;
      };
      const enter = (): void => {
        leavingNothing(() => {
          net.inNetworkNamespace(other, call);
        });
      };
      assert.throws(enter, { name: 'SyscallError', code: 'EINVAL' });
      assert.ok(!called);
    }
  });

  it('of a process that has ended: ENOENT', async () => {
    await using inside = await Peer.start({ wrapper: unshareNet });
    await inside.exit();
    for (const ask of [net.networkNamespaceOfProcess, net.openNetworkNamespaceOfProcess]) {
      assert.throws(() => leavingNothing(() => ask(inside.pid)), { code: 'ENOENT' });
    }
  });

  it('without a way back it throws what nobody takes for a mere refusal', async () => {
    await using inside = await Peer.start({ wrapper: unshareNet });
    const told = runApart(
      [],
      `const namespace = net.openNetworkNamespaceOfProcess(${inside.pid});
       try { net.inNetworkNamespace(namespace, () => process.setuid(65534)); tell('came back'); }
       catch (error) { tell([error.name, error.message, error.cause.code]); }`,
    );
    const message = 'cannot go back to our own network namespace, so nothing that follows can be trusted';
    assert.deepEqual(told, ['Error', message, 'EPERM']);
  });

  it('those bound under /run/netns, and nothing else that lies there', async () => {
    const id = `peerpid-test-${process.pid}`;
    const path = (suffix: string): string => `/run/netns/${id}-${suffix}`;
    const listener = freshName();
    await using inside = await Peer.start({ wrapper: unshareNet });
    await inside.do('listen', listener);
    const number = net.networkNamespaceOfProcess(inside.pid);
    using _directory = netnsDirectory();
    using _bound = bindNamespace(inside.pid, path('bound'));
    using _others = {
      [Symbol.dispose]: () => {
        for (const suffix of ['empty', 'pipe', 'loop', 'nowhere']) rmSync(path(suffix), { force: true });
      },
    };
    writeFileSync(path('empty'), '');
    execFileSync('mkfifo', [path('pipe')]);
    symlinkSync(path('loop'), path('loop'));
    symlinkSync('/nonexistent', path('nowhere'));
    await inside.exit();
    const mine = leavingNothing(() => net.boundNetworkNamespaces()).filter(({ name }) =>
      name.toString().startsWith(id),
    );
    assert.deepEqual(mine, [{ name: Buffer.from(`${id}-bound`), path: Buffer.from(path('bound')) }]);
    using namespace = net.openNetworkNamespace(mine[0]?.path ?? '');
    assert.equal(Number(inodeOf(namespace)), number);
    // Its process has ended, and its sockets with it
    assert.deepEqual(listenersIn(namespace), []);
  });

  it('none are bound where there is no such directory', () => {
    assert.deepEqual(net.boundNetworkNamespaces('/run/nonexistent-peerpid-test'), []);
  });

  it('one that only a socket keeps is found by that socket', async () => {
    using directory = new TemporaryDirectory();
    const name = freshName();
    await using outside = await Peer.start();
    const listener = await outside.number('listen', directory.file('socket'));
    await using inside = await Peer.start({ wrapper: unshareNet });
    const number = net.networkNamespaceOfProcess(inside.pid);
    // A path leads out of a network namespace
    const connection = await inside.number('connect', directory.file('socket'));
    await inside.do('sendmsg', connection, 'take this', { pass: [await inside.number('listen', name)] });
    const [passed = -1] = (await outside.do('takePassed', await outside.number('accept', listener))) as number[];
    await inside.exit();
    using pidfd = openPidfd(outside.pid);
    const namespace = ((): Fd => {
      using socket = duplicateFrom(pidfd, passed);
      return net.networkNamespaceOfSocket(socket);
    })();
    using _held = namespace;
    assert.equal(Number(inodeOf(namespace)), number);
    assert.deepEqual(listenersIn(namespace), [name]);
    assert.ok(!ourListeners().includes(name));
    assert.equal(net.networkNamespaceOfProcess(outside.pid), net.ownNetworkNamespace());
  });

  it('are gone into and come back from without /proc', async () => {
    using directory = new TemporaryDirectory();
    await using inside = await Peer.start({ wrapper: unshareNet });
    const number = net.networkNamespaceOfProcess(inside.pid);
    using _bound = bindNamespace(inside.pid, directory.file('net'));
    const told = runApart(
      ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'],
      `const namespace = net.openNetworkNamespace(${JSON.stringify(directory.file('net'))});
       tell([net.ownNetworkNamespace(), net.inNetworkNamespace(namespace, net.ownNetworkNamespace), net.ownNetworkNamespace()]);`,
    );
    const ours = net.ownNetworkNamespace();
    assert.deepEqual(told, [ours, number, ours]);
  });
});
