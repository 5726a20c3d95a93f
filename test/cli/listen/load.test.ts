import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';

import type { ListenEvent } from '../../../src/document/listen-event.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { Listening } from '../../helpers/running/listening.js';
import { waitFor } from '../../helpers/wait-for.js';

/** Clock ticks of CPU time. proc_pid_stat(5) */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

async function connectTo(path: string): Promise<Socket> {
  const socket = createConnection(path).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** With so many more descriptors than usual open, and a limit. */
function inheriting(descriptors: number, limit: number): string[] {
  const open = `for ((fd = 20; fd < ${20 + descriptors}; fd++)); do eval "exec $fd</dev/null"; done`;
  return ['bash', '-c', `${open}; ulimit -n ${limit}; exec "$@"`, 'bash'];
}

async function assertNobodyLost(path: string, wrapper: readonly string[]): Promise<void> {
  const clients = 200;
  await using listening = await Listening.start(['--count', `${clients}`, path], { wrapper });
  const pid = listening.child.pid ?? 0;
  const sockets = await Promise.all(Array.from({ length: clients }, async () => connectTo(path)));
  try {
    assert.equal((await listening.next('warning')).code, 'EMFILE');
    const before = cpuTicks(pid);
    const start = performance.now();
    await waitFor('a while has passed', () => performance.now() - start > 1000);
    // 100 ticks are a second
    assert.ok(cpuTicks(pid) - before < 30, `${cpuTicks(pid) - before} ticks in a second`);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  const rest: ListenEvent[] = [];
  for (;;) {
    const event = await listening.any();
    rest.push(event);
    if (event.event === 'summary') break;
  }
  const summary = rest.at(-1);
  assert.deepEqual(summary?.event === 'summary' && [summary.connections, summary.verdicts], [
    clients,
    { pinned: clients },
  ]);
  assert.equal(rest.filter(({ event }) => event === 'warning').length, 0);
}

describe('listen under load', () => {
  let directory: TemporaryDirectory;
  let path: string;

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
  });

  for (const [whatFor, program, wrapper] of [
    ['', 'prlimit', ['prlimit', '--nofile=64:64']],
    [' since it was started with many', 'bash', inheriting(40, 100)],
  ] as const) {
    it(`loses nobody and does not spin when descriptors are short${whatFor}, and warns once`, async function () {
      requirePrograms(this, program);
      await assertNobodyLost(path, wrapper);
    });
  }

  it('has no more descriptors after 2,000 connections than before', async () => {
    await using listening = await Listening.start([path]);
    const pid = listening.child.pid ?? 0;
    (await connectTo(path)).destroy();
    await listening.next('disconnect');
    const before = openFiles(pid);
    for (let round = 0; round < 20; round++) {
      const sockets = await Promise.all(Array.from({ length: 100 }, async () => connectTo(path)));
      for (const socket of sockets) socket.destroy();
    }
    for (let number = 0; number < 2000; number++) await listening.next('disconnect');
    // What a thread has still open of the last client is closed in a moment, and may have been counted before
    await waitFor('no more descriptors than before are open', () => openFiles(pid) <= before);
  });

  it('serves others while one sends without pause', async () => {
    await using listening = await Listening.start([path]);
    const flood = await connectTo(path);
    const chunk = Buffer.alloc(65536);
    // Not at once in 'drain', which would keep this process from anything else
    const pour = (): void => {
      if (!flood.destroyed) flood.write(chunk, () => setImmediate(pour));
    };
    pour();
    try {
      await listening.next('connection');
      for (let number = 2; number <= 6; number++) {
        const other = await connectTo(path);
        assert.equal((await listening.next('connection')).connection, number);
        await new Promise((resolve) => other.write('abc', resolve));
        other.destroy();
        const { connection, bytes } = await listening.next('disconnect');
        assert.deepEqual([connection, bytes], [number, 3]);
      }
    } finally {
      flood.destroy();
    }
  });

  it('keeps a client that has shut down its sending half', async () => {
    await using listening = await Listening.start([path]);
    const half = createConnection({ path, allowHalfOpen: true });
    await once(half, 'connect');
    half.end('abcd');
    await once(half, 'finish');
    const other = await connectTo(path);
    other.destroy();
    // Whoever came later is told first: the half-closed one is still there
    assert.equal((await listening.next('disconnect')).connection, 2);
    half.destroy();
    const { connection, bytes } = await listening.next('disconnect');
    assert.deepEqual([connection, bytes], [1, 4]);
  });

  it('takes an empty message for a message', async () => {
    await using listening = await Listening.start(['--type', 'seqpacket', path]);
    await using client = await Peer.start();
    const fd = await client.number('connect', path, 'seqpacket');
    await client.do('send', fd, '');
    await client.do('send', fd, 'abc');
    await client.do('send', fd, '');
    await client.do('close', fd);
    assert.equal((await listening.next('disconnect')).bytes, 3);
  });

  it('tells the end of a process once, with all of its connections', async () => {
    await using listening = await Listening.start([path]);
    await using client = await Peer.start();
    for (let number = 0; number < 3; number++) await client.do('connect', path);
    for (let number = 0; number < 3; number++) await listening.next('connection');
    await client.kill('SIGKILL');
    const { connections, byPidfd } = await listening.next('exit');
    assert.deepEqual(connections, [1, 2, 3]);
    assert.deepEqual(byPidfd.exitStatus, { signal: 'SIGKILL', coreDumped: false });
    const { status } = (await Promise.all([listening.stop(), listening.next('summary')]))[0];
    assert.equal(status, 0);
  });

  it('numbers 256 connections of a process that has ended, and counts the others', async () => {
    await using listening = await Listening.start([path]);
    await using client = await Peer.start();
    const made = 300;
    for (let number = 0; number < made; number++) await client.do('close', await client.number('connect', path));
    for (let number = 0; number < made; number++) await listening.next('disconnect');
    await client.kill('SIGKILL');
    const { connections, moreConnections } = await listening.next('exit');
    assert.deepEqual([connections.length, connections[255], moreConnections], [256, 256, made - 256]);
  });

  it('tells the end of a process for which nobody waits', async () => {
    await using listening = await Listening.start([path]);
    await using parent = await Peer.start();
    // The shell's child connects and ends; what the shell became never waits for it
    const connect = `require("net").connect(process.argv[1], () => process.exit(5))`;
    const script = `"$0" -e '${connect}' "$1" & exec sleep 60`;
    await parent.do('spawn', ['sh', '-c', script, process.execPath, path]);
    const { credential } = await listening.next('connection');
    const { pid, byPidfd } = await listening.next('exit');
    assert.equal(pid, credential?.pid);
    assert.equal(byPidfd.state, 'zombie');
    assert.deepEqual(byPidfd.exitStatus, { code: 5 });
  });
});
