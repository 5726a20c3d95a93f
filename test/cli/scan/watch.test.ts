import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

import type { WatchEvent } from '../../../src/document/watch-event.js';
import { assertProblem } from '../../helpers/assert-problem.js';
import { NetworkNamespace, requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { passDescriptor } from '../../helpers/peers/pass-descriptor.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { outcomeOf, peerpid, runPeerpid, startPeerpid } from '../../helpers/running/run-peerpid.js';
import { socketInode } from '../../helpers/running/scan.js';
import { eventsOf, Watching } from '../../helpers/running/watching.js';
import { waitFor } from '../../helpers/wait-for.js';

/** What is told to have changed of a socket, in all the rounds. */
function fieldsOf(events: readonly WatchEvent[], inode: number): string[] {
  return eventsOf(events, 'changed').flatMap(({ socket, fields }) => (socket.inode === inode ? fields : []));
}

function inodes(events: readonly WatchEvent[], kind: 'came' | 'went'): number[] {
  return eventsOf(events, kind).map(({ socket }) => socket.inode);
}

describe('peerpid scan --watch --json', () => {
  let namespace: NetworkNamespace;
  let server: Peer;
  let client: Peer;

  before(function () {
    requireNetworkNamespaces(this);
  });

  prepareEach(async (keep) => {
    namespace = keep(await NetworkNamespace.make());
    server = keep(await Peer.start({ wrapper: namespace.enter }));
    client = keep(await Peer.start({ wrapper: namespace.enter }));
  });

  async function watch(...args: string[]): Promise<Watching> {
    return Watching.start(args, { wrapper: namespace.enter });
  }

  it('tells what is there, and says nothing as long as nothing happens', async () => {
    await server.do('listen', '@app');
    await using watching = await watch();
    // Data that waits is no change
    const [one = 0] = (await client.do('socketpair')) as number[];
    const first = await watching.until((events) => eventsOf(events, 'came').length === 2);
    assert.equal(first.length, 3, JSON.stringify(first));
    await client.do('send', one, 'data');
    await server.do('listen', '@later');
    const events = await watching.until(() => true);
    assert.deepEqual(
      events.map(({ event }) => event),
      ['came', 'round'],
      JSON.stringify(events),
    );
    const [{ socket, processes } = assert.fail()] = eventsOf(events, 'came');
    assert.equal(socket.address, '@later');
    assert.deepEqual(
      processes.map(({ pid, exe }) => [pid, exe]),
      [[server.pid, process.execPath]],
    );
    const { came, went, changed, summary } = eventsOf(events, 'round')[0]!;
    assert.deepEqual([came, went, changed, summary.sockets], [1, 0, 0, 4]);
  });

  it('tells who connects, waits, is accepted, and leaves', async () => {
    const listener = await server.number('listen', '@app');
    await using watching = await watch();
    const fd = await client.number('connect', '@app');
    const inode = socketInode(client, fd);
    const waiting = await watching.until((events) => inodes(events, 'came').includes(inode));
    const accepted = await server.number('accept', listener);
    const service = socketInode(server, accepted);
    const after = await watching.until((events) => inodes(events, 'came').includes(service));
    assert.ok(!inodes(waiting, 'came').includes(service));
    assert.ok(fieldsOf(after, inode).includes('peerInode'), JSON.stringify(after));
    await client.do('close', fd);
    const left = await watching.until((events) => inodes(events, 'went').includes(inode));
    assert.equal(eventsOf(left, 'went')[0]?.socket.holders[0]?.pid, client.pid, 'as it was seen last');
    assert.ok(fieldsOf(left, service).includes('shutdown'), JSON.stringify(left));
    await server.do('close', accepted);
    const gone = await watching.until((events) => inodes(events, 'went').includes(service));
    assert.deepEqual(fieldsOf(gone, socketInode(server, listener)), []);
    assert.deepEqual(await watching.stop('SIGINT'), { status: 0, stderr: '' });
  });

  it('says that nothing is there of what was named, and ends with status 1 where it never was', async () => {
    for (const [args, said] of [
      [
        ['--json'],
        /^\{"event":"scan",.*"nothingChosen":\{"code":"NOTHING_CHOSEN","message":"nothing matches --socket @comes"/,
      ],
      [[], /\n {2}nothing matches --socket @comes; it is shown when it comes\n/],
    ] as const) {
      const child = startPeerpid(['scan', '--watch', '0.2', '--socket', '@comes', ...args], {
        wrapper: namespace.enter,
      });
      const ended = outcomeOf(child);
      await once(child.stdout, 'data');
      child.kill('SIGTERM');
      const { status, stdout } = await ended;
      assert.equal(status, 1);
      assert.match(stdout, said);
    }
    await using watching = await watch('--socket', '@comes');
    const fd = await server.number('listen', '@comes');
    await watching.until((events) => eventsOf(events, 'came').length > 0);
    await server.do('close', fd);
    await watching.until((events) => eventsOf(events, 'went').length > 0);
    assert.deepEqual(await watching.stop(), { status: 0, stderr: '' });
  });

  it('tells that the peer runs another program, is another user, and has ended; the exit status stays 3', async () => {
    const listener = await server.number('listen', '@app');
    const descriptor = await client.number('connect', '@app');
    const accepted = await server.number('accept', listener);
    const inode = socketInode(server, accepted);
    await using watching = await watch();
    await client.do('title', 'another-name');
    const renamed = await watching.until((events) => fieldsOf(events, inode).length > 0);
    assert.deepEqual(fieldsOf(renamed, inode), ['byPidfd.comm']);
    const [{ before, socket } = assert.fail()] = eventsOf(renamed, 'changed').filter(
      (event) => event.socket.inode === inode,
    );
    assert.deepEqual([before.socket.byPidfd?.comm !== 'another-name', socket.byPidfd?.comm], [true, 'another-name']);
    await client.do('seteuid', 12345);
    const other = await watching.until((events) => fieldsOf(events, inode).includes('byPidfd.uids'));
    const changed = eventsOf(other, 'changed').find((event) => event.socket.inode === inode)!;
    assert.equal(changed.before.processes[0]?.uids?.effective, 0);
    assert.equal(changed.processes[0]?.uids?.effective, 12345);
    assert.ok(changed.fields.includes('findings'), changed.fields.join());
    assert.ok(descriptor > 0);
    await client.exit(5);
    const ended = await watching.until((events) => fieldsOf(events, inode).includes('verdict'));
    const last = eventsOf(ended, 'changed').findLast((event) => event.socket.inode === inode)!;
    assert.deepEqual([last.before.socket.verdict, last.socket.verdict], ['pinned', 'exited']);
    assert.deepEqual(last.socket.byPidfd?.exitStatus, { code: 5 });
    await server.do('close', accepted);
    await watching.until((events) => inodes(events, 'went').includes(inode));
    assert.deepEqual(await watching.stop(), { status: 3, stderr: '' });
  });

  it('tells exec(2), which keeps the pidfd', async function () {
    requirePrograms(this, 'python3');
    const listener = await server.number('listen', '@app');
    const script = `import os, socket, time
s = socket.socket(socket.AF_UNIX); s.connect("\\0app"); s.set_inheritable(True); input()
os.execvp("sleep", ["sleep", "60"])`;
    const [enter = '', ...entering] = namespace.enter;
    const child = spawn(enter, [...entering, 'python3', '-c', script], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    try {
      const inode = socketInode(server, await server.number('accept', listener));
      await using watching = await watch();
      child.stdin.write('\n');
      const events = await watching.until((all) => fieldsOf(all, inode).includes('byPidfd.exe'));
      const changed = eventsOf(events, 'changed').find((event) => event.socket.inode === inode)!;
      assert.match(changed.before.processes[0]?.exe ?? '', /python/);
      assert.doesNotMatch(changed.processes[0]?.exe ?? '', /python/);
      assert.equal(changed.before.socket.byPidfd?.pidfdId, changed.socket.byPidfd?.pidfdId);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('tells who else has a socket open, and who no longer', async () => {
    const [one = 0] = (await server.do('socketpair')) as number[];
    const inode = socketInode(server, one);
    await using watching = await watch();
    const passed = await passDescriptor(server, one, client);
    const shared = await watching.until((events) => fieldsOf(events, inode).includes('holders'));
    const holders = eventsOf(shared, 'changed').findLast((event) => event.socket.inode === inode)?.socket.holders;
    assert.deepEqual(holders?.map(({ pid }) => pid).sort(), [server.pid, client.pid].sort());
    await client.do('close', passed);
    await watching.until((events) => fieldsOf(events, inode).includes('holders'));
  });

  it('tells who is stopped and who goes on, in JSON and in text', async () => {
    const listener = await server.number('listen', '@app');
    const inode = socketInode(client, await client.number('connect', '@app'));
    const accepted = socketInode(server, await server.number('accept', listener));
    await using watching = await watch();
    const text = startPeerpid(['scan', '--watch', '0.3', '--socket', '@app'], { wrapper: namespace.enter });
    let shown = '';
    text.stdout.on('data', (more: string) => (shown += more));
    const ended = outcomeOf(text);
    try {
      await waitFor('it has looked', () => shown.includes('not seen: what comes'));
      for (const [signal, was, is, word] of [
        ['SIGSTOP', null, 'stopped', 'stopped'],
        ['SIGCONT', 'stopped', null, 'goes on'],
      ] as const) {
        process.kill(client.pid, signal);
        const events = await watching.until(
          (all) => fieldsOf(all, accepted).includes('byPidfd.activity') && fieldsOf(all, inode).includes('holders'),
        );
        const { before, processes } = eventsOf(events, 'changed').find(({ socket }) => socket.inode === accepted)!;
        assert.deepEqual([before.processes[0]?.activity, processes[0]?.activity], [was, is]);
        const line = new RegExp(`~ pinned stream connection @app: node \\d+ to node \\d+ {2}\\(client ${word}\\)\\n`);
        await waitFor('it is told', () => line.test(shown));
      }
    } finally {
      process.kill(client.pid, 'SIGCONT');
      text.kill('SIGINT');
      await ended;
    }
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`ends by ${signal} with 0 where all was believed`, async () => {
      await server.do('listen', '@app');
      await using watching = await watch();
      assert.deepEqual(await watching.stop(signal), { status: 0, stderr: '' });
    });
  }

  it('says in text that it does not see what comes and goes between two looks', async function () {
    requirePrograms(this, 'unshare', 'nsenter', 'timeout');
    requireThat(this, isRoot, 'namespaces take root');
    await using room = await Room.make();
    const { stdout } = await runPeerpid(['scan', '--watch', '0.3'], {
      wrapper: [...room.enter, 'timeout', '--signal=INT', '1.5'],
    });
    assert.match(
      stdout,
      /^\S+ {3}\d+ sockets?: .*\n(?: {2}.*\n)* {2}not seen: what comes and goes between two looks, one every 0\.3 s\n/,
    );
  });

  it('wants a number of seconds that is not too small', async () => {
    const wrong = { status: 2, hint: /Give / };
    await assertProblem(['scan', '--watch', '0'], { ...wrong, message: /too few/ });
    await assertProblem(['scan', '--watch=0.09'], { ...wrong, message: /too few/ });
    await assertProblem(['scan', '--watch=often'], { ...wrong, message: /not a number of seconds/ });
    await assertProblem(['scan', '--watch', '-1'], { ...wrong, message: /not a number of seconds/ });
    for (const other of ['--long', '--csv', '--graph', '--output=x', '--summary=only']) {
      const message = new RegExp(`^--watch and ${other.replace(/=.*/, '')} exclude each other$`);
      await assertProblem(['scan', '--watch', other], { status: 2, message, hint: /--watch goes with/ });
    }
  });

  it('ends when nobody reads any more, also while nothing happens', async () => {
    await server.do('listen', '@app');
    const command = `"$@" scan --own-namespace --watch 0.2 --json | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const [program, ...args] = [...namespace.enter, 'bash', '-c', command, 'bash', process.execPath, peerpid] as const;
    const output = execFileSync(program, args, { encoding: 'utf8', timeout: 10_000 });
    assert.match(output, /^\{"event":"scan",.*\n0\n$/);
  });

  it('keeps no descriptors and no memory from round to round', async () => {
    await server.do('listen', '@app');
    await client.do('connect', '@app');
    const child = startPeerpid(['scan', '--watch', '0.1'], { wrapper: namespace.enter });
    const finished = outcomeOf(child);
    const lines: string[] = [];
    child.stdout.on('data', (text: string) => lines.push(...text.trim().split('\n')));
    // nsenter(1) executes it: the pid is its own
    const descriptors = (): number => readdirSync(`/proc/${child.pid}/fd`).length;
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round++) {
        const seen = lines.length;
        const fd = await client.number('socket');
        await waitFor('it is told that a socket came', () => lines.length > seen);
        const told = lines.length;
        await client.do('close', fd);
        await waitFor('it is told that the socket went', () => lines.length > told);
      }
    };
    try {
      await waitFor('it has begun', () => lines.length > 0);
      await rounds(5);
      const [before, memory] = [descriptors(), residentMemory(child.pid)];
      await rounds(25);
      assert.equal(descriptors(), before);
      assert.ok(residentMemory(child.pid) < memory + 40e6, `${residentMemory(child.pid)} bytes, before ${memory}`);
    } finally {
      child.kill('SIGTERM');
    }
    assert.equal((await finished).status, 0);
    assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d   2 sockets: /);
    assert.match(lines.at(-1) ?? '', /^\d\d:\d\d:\d\d - none stream unconnected: \S+ \d+$/);
  });
});

function residentMemory(pid: number | undefined): number {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1]);
}
