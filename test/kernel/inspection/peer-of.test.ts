import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';

import { askCommandLine } from '../../../native-probe/proc/process-strings.js';
import { openSocketPair } from '../../../native-probe/unix-socket.js';
import { peerOf } from '../../../src/index.js';
import { compiled, startWithFuse } from '../../helpers/hostile/hostile.js';
import { isRoot, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { waitFor } from '../../helpers/wait-for.js';

/** A worker thread with one end of a connection; it says each warning, and that it is done. */
function peersInWorker(code: string): Worker {
  const url = (file: string): string => JSON.stringify(new URL(`../../../${file}`, import.meta.url).href);
  const program = `
    const { parentPort } = require('node:worker_threads');
    process.on('warning', ({ message }) => parentPort.postMessage(message));
    (async () => {
      const { peerOf } = await import(${url('src/index.js')});
      const { openSocketPair } = await import(${url('native-probe/unix-socket.js')});
      const [one, other] = openSocketPair('stream');
      ${code}
      one[Symbol.dispose]();
      other[Symbol.dispose]();
      parentPort.postMessage('done');
    })();`;
  return new Worker(program, { eval: true });
}

/** What this process has open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The directory itself
      return [];
    }
  });
}

describe('peerOf()', () => {
  it('gives a Peer that is not known to be alive once it was let go of', () => {
    const [one, other] = openSocketPair('stream');
    using ours = one;
    using _theirs = other;
    const peer = peerOf(ours.number);
    assert.equal(peer.isAlive(), true);
    peer[Symbol.dispose]();
    assert.equal(peer.isAlive(), false);
    peer[Symbol.dispose]();
    assert.equal(peer.verdict, 'pinned');
  });

  it('refuses a TCP socket, and leaves nothing open', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const client = connect(port, '127.0.0.1');
      await once(client, 'connect');
      const before = readdirSync('/proc/self/fd');
      assert.throws(() => peerOf(client), new TypeError('the socket is not an AF_UNIX one'));
      assert.deepEqual(readdirSync('/proc/self/fd'), before);
      client.destroy();
    } finally {
      server.close();
    }
  });

  it('refuses a socket that listens, whose credential is the service’s own', async () => {
    using directory = new TemporaryDirectory();
    const server = createServer().listen(directory.file('app.sock'));
    try {
      await once(server, 'listening');
      const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
      assert.throws(() => peerOf(fd), new TypeError('the socket listens: give one that it accepted'));
      assert.throws(() => peerOf(server as unknown as Socket), TypeError);
    } finally {
      server.close();
    }
  });

  it('throws EMFILE, however few descriptors are left, and never says unpinned', () => {
    const library = new URL('../../../src/index.js', import.meta.url).href;
    const sockets = new URL('../../../native-probe/unix-socket.js', import.meta.url).href;
    const code = `
      import { closeSync, openSync } from 'node:fs';
      import { peerOf } from ${JSON.stringify(library)};
      import { openSocketPair } from ${JSON.stringify(sockets)};
      const [ours] = openSocketPair('stream');
      // All that is loaded late is loaded
      peerOf(ours.number)[Symbol.dispose]();
      const taken = [];
      for (;;) try { taken.push(openSync('/dev/null')); } catch { break; }
      const came = [];
      for (let left = 0; left <= 12; left++) {
        try { const peer = peerOf(ours.number); came.push(peer.verdict); peer[Symbol.dispose](); }
        catch (error) { came.push(error.code); }
        closeSync(taken.pop());
      }
      console.log(JSON.stringify(came));`;
    const command = `ulimit -n 64; exec "$0" --input-type=module -e "$1"`;
    const came = JSON.parse(
      execFileSync('bash', ['-c', command, process.execPath, code], { encoding: 'utf8' }),
    ) as string[];
    assert.equal(came[0], 'EMFILE');
    assert.equal(came.at(-1), 'pinned');
    assert.deepEqual([...new Set(came)].sort(), ['EMFILE', 'pinned']);
  });

  it('is let go of when it is dropped', async () => {
    const [one, other] = openSocketPair('stream');
    using ours = one;
    using _theirs = other;
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const before = readdirSync('/proc/self/fd').length;
    for (let count = 0; count < 100; count++) peerOf(ours.number);
    assert.ok(readdirSync('/proc/self/fd').length >= before + 100);
    await waitFor('all are closed', () => {
      collect();
      return readdirSync('/proc/self/fd').length <= before;
    });
  });

  it('warns of nothing in a worker thread', async () => {
    const before = readdirSync('/proc/self/fd').length;
    const worker = peersInWorker('for (let i = 0; i < 20; i++) peerOf(one.number)[Symbol.dispose]();');
    const said: unknown[] = [];
    worker.on('message', (message) => said.push(message));
    await once(worker, 'exit');
    assert.deepEqual(said, ['done']);
    await waitFor('the worker’s own are closed', () => readdirSync('/proc/self/fd').length <= before);
  });

  it('leaves nothing open when its worker thread is terminated', async () => {
    const before = readdirSync('/proc/self/fd').length;
    const worker = peersInWorker(`
      globalThis.held = Array.from({ length: 20 }, () => peerOf(one.number));
      globalThis.described = held[0].describe();
      setInterval(() => undefined, 1000);`);
    const said = (await once(worker, 'message')) as unknown[];
    assert.deepEqual(said, ['done']);
    assert.ok(readdirSync('/proc/self/fd').length >= before + 20);
    await worker.terminate();
    await waitFor('all are closed', () => readdirSync('/proc/self/fd').length <= before);
  });

  it('is not held up by a client that keeps its command line from coming', async function () {
    using directory = new TemporaryDirectory();
    const program = compiled(this, directory, 'locked-memory');
    const path = directory.file('service');
    const descriptors = readdirSync('/proc/self/fd').length;
    const server = createServer().listen(path);
    try {
      await once(server, 'listening');
      chmodSync(path, 0o666);
      const connected = once(server, 'connection') as Promise<[Socket]>;
      await using _client = await startWithFuse(this, directory, program, path, 'connect');
      const [socket] = await connected;
      using peer = peerOf(socket);
      assert.equal(peer.verdict, 'pinned');
      let others = 0;
      const timer = setInterval(() => others++, 1);
      const documents = await Promise.all(Array.from({ length: 60 }, () => peer.describe({ timeout: 200 })));
      clearInterval(timer);
      // On a busy machine there are few; a loop that is held up has none
      assert.ok(others > 2, `${others} turns of the event loop`);
      for (const { verdict, byPidfd, unavailable, findings } of documents) {
        assert.equal(verdict, 'pinned');
        assert.equal(byPidfd?.comm, 'locked-memory');
        assert.ok(unavailable.some(({ fact }) => fact === 'byPidfd.cmdline'));
        assert.ok(findings.some(({ id }) => id === 'unreadable'));
      }
      // Asked once for all, so that one client does not use up the threads: each has a descriptor of what it reads
      const commandLine = `/proc/${peer.pid ?? ''}/cmdline`;
      assert.deepEqual(
        openFiles().filter((file) => file === commandLine),
        [commandLine],
      );
      socket.destroy();
    } finally {
      server.close();
    }
    await waitFor('what was asked of it is closed', () => {
      askCommandLine(process.pid).answer();
      return readdirSync('/proc/self/fd').length <= descriptors;
    });
  });

  it('tells all the groups of a client, however many there are', function () {
    requireThat(this, isRoot, 'needs root, to have groups');
    const count = 65_536;
    const [one, other] = openSocketPair('stream');
    using ours = one;
    using _theirs = other;
    const before = process.getgroups?.();
    assert.ok(before !== undefined);
    process.setgroups?.(Array.from({ length: count }, (_, index) => index));
    try {
      const [mine, far] = openSocketPair('stream');
      using pair = mine;
      using _far = far;
      using peer = peerOf(pair.number);
      assert.equal(peer.groups?.length, count);
      assert.equal(peer.groups.at(-1), count - 1);
    } finally {
      process.setgroups?.(before);
    }
    using peer = peerOf(ours.number);
    assert.ok((peer.groups?.length ?? 0) < count);
  });

  // Each of them would be another descriptor's number by the time that the kernel has it
  for (const number of [Number.NaN, 0.5, 2 ** 32, -1, -0.5, Infinity]) {
    it(`refuses ${number}, which is no descriptor`, () => {
      assert.throws(() => peerOf(number), new TypeError('the socket has no file descriptor'));
    });
  }
});
