import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';

import { SystemNames } from '../../../src/document/names.js';
import { scan } from '../../../src/scanning/scan.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { whyNoStrace } from '../../helpers/machine/strace.js';
import { requireTracing } from '../../helpers/running/traced-events.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import type { ScanTrial } from '../../helpers/programs/scan-descriptors.js';
import { built } from '../../helpers/running/program-root.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { rowsAt, scanJson } from '../../helpers/running/scan-json.js';
import { waitFor } from '../../helpers/wait-for.js';

const program = built('test/helpers/programs/scan-descriptors.js');

/** Closes one end again and again, and waits until the other end sees it; ends with its standard input. */
const waitsForEnd = `
import ctypes, os, select, socket, sys
ctypes.CDLL(None).prctl(15, b'waits-for-end')
rounds = 0
pairs = [socket.socketpair() for _ in range(300)]
print('ready', flush=True)
while not select.select([0], [], [], .001)[0]:
    ours, theirs = pairs.pop(0)
    theirs.settimeout(10)
    ours.close()
    if theirs.recv(1) != b'': raise Exception('no end of file')
    theirs.close()
    pairs.append(socket.socketpair())
    rounds += 1
print(rounds, flush=True)
`;

/** What one thread did with descriptors, in order. */
interface DescriptorCall {
  readonly kind: 'duplicated' | 'pidfd' | 'given' | 'close';
  readonly fd: number;
}

function descriptorCalls(trace: string): DescriptorCall[] {
  return trace.split('\n').flatMap((line): DescriptorCall[] => {
    const opened = /^pidfd_(getfd|open)\(.* = (\d+)/.exec(line);
    if (opened) return [{ kind: opened[1] === 'getfd' ? 'duplicated' : 'pidfd', fd: Number(opened[2]) }];
    const given = /^getsockopt\(\d+, SOL_SOCKET, (?:SO_PEERPIDFD|0x4d.*), \[(\d+)\], \[4\]\) = 0/.exec(line);
    if (given) return [{ kind: 'given', fd: Number(given[1]) }];
    const closed = /^close\((\d+)\)/.exec(line);
    return closed ? [{ kind: 'close', fd: Number(closed[1]) }] : [];
  });
}

describe('scan and descriptors', () => {
  let room: Room;
  let far: Peer;
  const name = freshName();

  before(async function () {
    requirePrograms(this, 'unshare', 'nsenter', 'strace', 'python3');
    requireThat(this, isRoot, 'namespaces take root');
    room = await Room.make();
    far = await Peer.start({ wrapper: [...room.enter, 'unshare', '--net'] });
    for (const peer of [room.init, far]) {
      const listener = await peer.number('listen', name);
      for (let client = 0; client < 5; client++) await peer.do('connect', name);
      await peer.do('accept', listener);
    }
  });

  after(async () => {
    await far[Symbol.asyncDispose]();
    await room[Symbol.asyncDispose]();
  });

  it('in the process of a test: none is left, and the network namespace is what it was', async () => {
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const namespace = (): string => readlinkSync('/proc/thread-self/ns/net');
    const [before, there] = [descriptors(), namespace()];
    for (const ownNamespace of [false, true]) {
      const { networkNamespaces } = scan(
        { audit: true, details: true, explain: false, ownNamespace },
        new SystemNames(),
      );
      assert.equal(namespace(), there);
      assert.equal(networkNamespaces.filter(({ listed }) => listed).length > 1, !ownNamespace);
    }
    // Sockets of other tests may call for a child that opens paths: it is kept for half a second
    await waitFor('none is left', () => descriptors() <= before);
  }).timeout(60_000);

  describe('with few of them', () => {
    let trials: ScanTrial[];
    const came = (what: RegExp): ScanTrial[] => trials.filter((one) => what.test(one.what));

    before(async () => {
      const [nsenter = '', ...args] = room.enter;
      const limited = ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh', process.execPath, program];
      const run = promisify(execFile)(nsenter, [...args, ...limited], { maxBuffer: 2 ** 28 });
      trials = JSON.parse((await run).stdout) as ScanTrial[];
    });

    it('all are closed again, and we are where we were, whatever was wanted and whatever came of it', () => {
      for (const { what, before, after } of trials) assert.deepEqual(after, before, what);
    });

    it('what is thrown in the middle comes through', () => {
      assert.deepEqual(
        came(/^thrown$/).map((one) => one.came),
        ['Error: in the middle'],
      );
    });

    it('enough of them is ok, none at all is told as an error of the system', () => {
      assert.deepEqual(
        trials.filter(({ what }) => !/free|thrown/.test(what)).map((one) => one.came),
        Array.from({ length: 5 }, () => 'ok'),
      );
      assert.deepEqual(
        came(/^0 free$/).map((one) => one.came),
        ['EMFILE', 'EMFILE'],
      );
      assert.deepEqual(
        came(/^12 free$/).map((one) => one.came),
        ['ok', 'ok'],
      );
      for (const one of trials) assert.match(one.came, /^(ok|EMFILE|Error: in the middle)$/);
    });

    it('too few make no verdict wrong, and what could not be asked is told', () => {
      let unpinned = 0;
      for (const { what, document } of came(/free/)) {
        if (document === undefined) continue;
        const rows = rowsAt(document, name);
        for (const row of rows) {
          assert.ok(row.holders.length === 1, what);
          assert.ok([undefined, 'pinned', 'unpinned'].includes(row.verdict), `${what}: ${row.verdict ?? ''}`);
          if (row.verdict === 'pinned') continue;
          unpinned++;
          const { unavailable } = row;
          assert.ok(
            unavailable.some(({ reason, code }) => code === 'EMFILE' && reason.endsWith(' (EMFILE)')),
            what,
          );
          const fact = row.verdict === 'unpinned' ? 'pidfds' : 'credentials';
          assert.ok(
            document.notSeen.reasons.some((one) => one.fact === fact && one.reason.includes('ulimit')),
            what,
          );
        }
      }
      assert.ok(unpinned > 0, 'none had too few');
    });
  });

  // Of each of two peers five clients, one that it accepted, and a listener; a BPF program tells of most without asking them
  for (const [source, least] of [
    ['proc', 14],
    ['bpf', 1],
  ] as const) {
    it(`each duplicate is closed before its thread takes the next, and each pidfd is closed: by ${source}`, async function () {
      if (source === 'bpf') requireTracing(this);
      await assertAllClosed(this, source, least);
    }).timeout(60_000);
  }

  async function assertAllClosed(context: Mocha.Context, source: string, least: number): Promise<void> {
    const reason = whyNoStrace();
    requireThat(context, reason === undefined, reason ?? '');
    using directory = new TemporaryDirectory();
    const calls = 'trace=pidfd_getfd,pidfd_open,getsockopt,close';
    const strace = ['strace', '-ff', '-qq', '-e', calls, '-o', directory.file('trace')];
    const { status } = await runPeerpid(['scan', '--json', '--source', source], {
      wrapper: [...room.enter, ...strace],
      everywhere: true,
    });
    assert.ok(status === 0 || status === 3);
    const counts = { duplicated: 0, pidfd: 0, given: 0 };
    for (const file of readdirSync(directory.path)) {
      const open = new Map<number, DescriptorCall['kind']>();
      for (const { kind, fd } of descriptorCalls(readFileSync(directory.file(file), 'latin1'))) {
        if (kind === 'close') open.delete(fd);
        else {
          if (kind === 'duplicated') assert.ok(![...open.values()].includes(kind), `a second duplicate in ${file}`);
          counts[kind]++;
          open.set(fd, kind);
        }
      }
      assert.deepEqual([...open], [], file);
    }
    for (const [kind, count] of Object.entries(counts))
      assert.ok(count >= (kind === 'pidfd' ? Math.min(2, least) : least), `${kind} ${count}`);
  }

  it('a service that waits for the end of file gets it while it is scanned', async () => {
    const [nsenter = '', ...args] = room.enter;
    const service = spawn(nsenter, [...args, 'python3', '-c', waitsForEnd], { stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    service.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = once(service, 'exit');
    try {
      let seen = 0;
      for (let time = 0; time < 10; time++) {
        const { sockets } = await scanJson([], { wrapper: room.enter });
        seen += sockets.filter(({ holders }) => holders.some(({ comm }) => comm === 'waits-for-end')).length;
      }
      assert.ok(seen > 0);
    } finally {
      service.stdin.end();
    }
    assert.deepEqual(await ended, [0, null]);
    const [, rounds] = said.trim().split('\n');
    assert.ok(Number(rounds) >= 20, said);
  }).timeout(60_000);
});
