import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';

import { openPidfd, pidfdId } from '../../../native-probe/pidfd.js';
import { traceText } from '../../../src/output/trace/trace-text.js';
import { plain } from '../../helpers/document.js';
import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { requireTracing, TracedEvents } from '../../helpers/running/traced-events.js';

/** Undefined before Linux 6.9. */
function idOf(pid: number): number | undefined {
  using pidfd = openPidfd(pid);
  const id = pidfdId(pidfd);
  return id === undefined ? undefined : Number(id);
}

/** Connects, and ends at once. */
const connecting = (address: string): string =>
  `import socket; s = socket.socket(socket.AF_UNIX); s.connect(${JSON.stringify(address)})`;

/** Makes the calls of a 32-bit program: its memory is where 32 bits reach. */
const compat = `
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
static long call(long number, long a, long b, long c) {
  long result;
  asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
  return result;
}
int main(int argc, char **argv) {
  char *low = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  struct sockaddr_un *address = (void *)low;
  unsigned *arguments = (void *)(low + 512);
  address->sun_family = AF_UNIX;
  strcpy(address->sun_path, argv[1]);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  printf("%ld\\n", call(362, fd, (long)low, sizeof *address));
  arguments[0] = fd, arguments[1] = (long)low, arguments[2] = sizeof *address;
  printf("%ld\\n", call(102, 3, (long)arguments, 0));
}
`;

describe('peerpid trace', () => {
  let directory: TemporaryDirectory;

  before(function () {
    this.timeout(20_000);
    requireTracing(this);
  });
  beforeEach(() => {
    directory = new TemporaryDirectory();
  });
  afterEach(() => {
    directory[Symbol.dispose]();
  });

  it('shows a client that has ended already, and whom it connected to', async () => {
    await using server = await Peer.start();
    const path = directory.file('app.sock');
    await server.do('listen', path);
    chmodSync(path, 0o777);
    await using traced = await TracedEvents.start(['--uid', '65534', path]);
    // It looks when the client is gone
    traced.child.kill('SIGSTOP');
    const script = `import os, socket; os.setgid(65534); os.setuid(65534); ${connecting(path)}; print(os.getpid())`;
    const pid = Number(execFileSync('python3', ['-c', script], { encoding: 'utf8' }));
    traced.child.kill('SIGCONT');
    const { client, server: told, result, address, addressFrom, type, now, nanoseconds } = await traced.next('connect');
    assert.deepEqual(
      [client.pid, client.thread, client.comm, client.user.id, client.group.id],
      [pid, pid, 'python3', 65534, 65534],
    );
    assert.match(client.exe ?? '', /^\/.*\/python3/);
    assert.deepEqual([told?.pid, told?.pidfdId, told?.alive], [server.pid, idOf(server.pid), true]);
    assert.deepEqual([result, address, addressFrom, type], ['connected', path, 'kernel', 'stream']);
    assert.equal(now?.verdict, 'exited');
    assert.ok((nanoseconds ?? 0) > 0);
  });

  it('shows one that is still there as pinned, with its pidfd id, and of a datagram socket no process of record', async () => {
    await using server = await Peer.start();
    await using client = await Peer.start();
    const [stream, packets, datagrams] = ['a', 'b', 'c'].map((name) => directory.file(name)) as [
      string,
      string,
      string,
    ];
    await server.do('listen', stream);
    await server.do('listen', packets, 'seqpacket');
    await server.do('bindOnly', datagrams, 'dgram');
    await using traced = await TracedEvents.start([stream, packets, '--socket', datagrams]);
    for (const [path, type] of [
      [stream, 'stream'],
      [packets, 'seqpacket'],
      [datagrams, 'dgram'],
    ] as const) {
      await client.do('connect', path, type);
      const event = await traced.next('connect');
      const verdict = idOf(client.pid) === undefined ? 'unpinned' : 'pinned';
      assert.deepEqual([event.address, event.type, event.now?.verdict], [path, type, verdict]);
      assert.deepEqual([event.client.pid, event.client.pidfdId], [client.pid, idOf(client.pid)]);
      assert.equal(event.server?.pid, type === 'dgram' ? undefined : server.pid);
    }
  });

  it('has the numbers of its own PID namespace, and 0 for who has none there', async function () {
    requirePidNamespaces(this);
    await using namespace = await PidNamespace.make();
    await using server = await Peer.start();
    const path = directory.file('app.sock');
    await server.do('listen', path);
    await using traced = await TracedEvents.start([path], { wrapper: namespace.enter });
    await using inside = await Peer.start({ wrapper: namespace.enter });
    await using outside = await Peer.start();
    for (const [client, pid, verdict] of [
      [inside, inside.ownPid, idOf(process.pid) === undefined ? 'unpinned' : 'pinned'],
      [outside, 0, 'foreign'],
    ] as const) {
      await client.do('connect', path);
      const { client: told, server: listener, now } = await traced.next('connect');
      assert.deepEqual([told.pid, told.thread, listener?.pid, now?.verdict], [pid, pid, 0, verdict]);
    }
  });

  it('shows each call that fails, with its errno and the path that was tried', async () => {
    await using server = await Peer.start();
    await server.do('listen', directory.file('private'));
    chmodSync(directory.file('private'), 0o600);
    mkdirSync(directory.file('sub'));
    const name = `@peerpid-test-${process.pid}-nobody`;
    await using traced = await TracedEvents.start(['--failed', '--comm', 'failing-test']);
    const script = [
      'import socket, os, ctypes',
      'ctypes.CDLL(None).prctl(15, b"failing-test")',
      'def reach(a):',
      '  try: socket.socket(socket.AF_UNIX).connect(a)',
      '  except OSError: pass',
      `os.chdir(${JSON.stringify(directory.file('sub'))})`,
      'reach("nothing/here")',
      `reach(b"\\0" + ${JSON.stringify(name.slice(1))}.encode())`,
      'os.setuid(65534)',
      `reach(${JSON.stringify(directory.file('private'))})`,
    ].join('\n');
    spawnSync('python3', ['-c', script], { stdio: 'inherit' });
    const events = [await traced.next('connect'), await traced.next('connect'), await traced.next('connect')];
    assert.deepEqual(
      events.map(({ result, address, directory: from, addressFrom, now }) => [result, address, from, addressFrom, now]),
      [
        ['ENOENT', 'nothing/here', directory.file('sub'), 'caller', undefined],
        ['ECONNREFUSED', name, undefined, 'caller', undefined],
        ['EACCES', directory.file('private'), undefined, 'caller', undefined],
      ],
    );
  });

  it('shows a 32-bit program’s calls, by socketcall(2), too', async function () {
    requireThat(this, process.arch === 'x64', 'int $0x80 is of x86');
    requirePrograms(this, 'gcc');
    const [source, program, path] = ['compat.c', 'compat', 'nothing'].map((name) => directory.file(name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(source, compat);
    execFileSync('gcc', ['-O1', '-o', program, source]);
    await using traced = await TracedEvents.start([path]);
    const { stdout } = spawnSync(program, [path], { encoding: 'utf8' });
    requireThat(this, !stdout.includes('-38'), 'the kernel takes no 32-bit calls');
    for (const call of ['connect', 'socketcall']) {
      const event = await traced.next('connect');
      assert.deepEqual([event.result, event.address, event.client.compat], ['ENOENT', path, true], call);
    }
  });

  it('finds a relative path, a link to the socket and its inode number', async () => {
    await using server = await Peer.start();
    const path = directory.file('app.sock');
    await server.do('listen', path);
    execFileSync('ln', ['-s', path, directory.file('link')]);
    await using traced = await TracedEvents.start([directory.file('link')]);
    await using client = await Peer.start({ cwd: directory.path });
    await client.do('connect', 'app.sock');
    assert.equal((await traced.next('connect')).address, path);
  });

  it('shows who accepts a connection, and how the client ended', async () => {
    await using server = await Peer.start();
    const path = directory.file('app.sock');
    const listener = await server.number('listen', path);
    await using traced = await TracedEvents.start(['--accepted', '--ended', path]);
    await using client = await Peer.start();
    await client.do('connect', path);
    const { connection } = await traced.next('connect');
    await server.do('accept', listener);
    const accepted = await traced.next('accept');
    assert.deepEqual(
      [accepted.connection, accepted.service.pid, accepted.client?.pid],
      [connection, server.pid, client.pid],
    );
    await client.exit(7);
    const { connections, exitStatus, client: ended } = await traced.next('end');
    assert.deepEqual([connections, exitStatus, ended.pid], [[connection], { code: 7 }, client.pid]);
  });

  it('shows who sends, and whom a sender says it is', async () => {
    await using server = await Peer.start();
    await using client = await Peer.start();
    const path = directory.file('log.sock');
    await server.do('bindOnly', path, 'dgram');
    await using traced = await TracedEvents.start(['--messages', path]);
    const socket = await client.number('connect', path, 'dgram');
    assert.equal((await traced.next('connect')).result, 'connected');
    await client.do('send', socket, 'plain');
    const plain = await traced.next('message');
    assert.deepEqual([plain.result, plain.returned, plain.address, plain.client.pid], ['sent', 5, path, client.pid]);
    await client.do('sendmsg', socket, 'stated', { stated: { pid: process.pid, uid: 1234, gid: 5678 } });
    const { stated } = await traced.next('message');
    assert.deepEqual(stated, { pid: process.pid, uid: 1234, gid: 5678 });
  });

  it('names who has the socket open where the process of record has passed it on', async function () {
    const path = directory.file('app.sock');
    const supervisor = [
      'import socket, subprocess',
      `s = socket.socket(socket.AF_UNIX); s.bind(${JSON.stringify(path)}); s.listen()`,
      'child = subprocess.Popen(["sleep", "1000"], pass_fds=[s.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)',
      'print(child.pid)',
    ].join('\n');
    await using traced = await TracedEvents.start([path]);
    const sleeping = Number(execFileSync('python3', ['-c', supervisor], { encoding: 'utf8' }));
    try {
      await using client = await Peer.start();
      await client.do('connect', path);
      const event = await traced.next('connect');
      // Before Linux 6.10 a connection does not tell of its listener
      requireThat(this, event.serverInode !== undefined, 'the kernel does not tell which listener it was');
      assert.equal(event.server?.alive, false);
      const id = idOf(sleeping);
      const withId = id === undefined ? {} : { pidfdId: id };
      assert.deepEqual(event.holders, [{ pid: sleeping, ...withId, comm: 'sleep' }]);
      assert.match(
        traceText(event, { long: true, numbered: false }, plain(undefined)),
        new RegExp(`← \\? \\d+ \\(has ended\\), open in sleep ${sleeping}\\n[^]*^ +open in +sleep ${sleeping}$`, 'm'),
      );
    } finally {
      process.kill(sleeping);
    }
  });

  it('says no holder besides where the process of record has the socket, and one of a datagram socket', async () => {
    await using server = await Peer.start();
    await using client = await Peer.start();
    const [stream, datagrams] = [directory.file('a'), directory.file('b')];
    await using traced = await TracedEvents.start([stream, datagrams]);
    await server.do('listen', stream);
    await client.do('connect', stream);
    const connected = await traced.next('connect');
    assert.doesNotMatch(traceText(connected, { long: false, numbered: false }, plain(undefined)), /open in/);
    // Made since the last look
    await server.do('bindOnly', datagrams, 'dgram');
    await client.do('connect', datagrams, 'dgram');
    const { holders } = await traced.next('connect');
    assert.deepEqual(
      holders?.map(({ pid }) => pid),
      [server.pid],
    );
  });

  it('ends after so many, and says who connected how often', async () => {
    const name = directory.file('nothing');
    await using traced = await TracedEvents.start(['--count', '3', name]);
    for (let time = 0; time < 3; time++) spawnSync('python3', ['-c', connecting(name)], { stdio: 'ignore' });
    for (let time = 0; time < 3; time++) await traced.next('connect');
    const { connections, failed, pairs } = await traced.next('summary');
    assert.deepEqual([connections, failed], [3, 3]);
    const [pair, ...more] = pairs;
    assert.deepEqual([pair?.program, pair?.address, pair?.times, pair?.failed, more], ['python3', name, 3, 3, []]);
    assert.equal(await traced.exitStatus, 0);
  });
});
