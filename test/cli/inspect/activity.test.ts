import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

import type { Activity } from '../../../native-probe/proc/process-activity.js';
import { processStat } from '../../../native-probe/proc/process.js';
import type { ScanDocument } from '../../../src/document/scan-document.js';
import { compiled, pidOf, startWithFuse } from '../../helpers/hostile/hostile.js';
import { CgroupDirectory } from '../../helpers/machine/cgroup-directory.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Python } from '../../helpers/peers/python.js';
import { holdByTracer } from '../../helpers/peers/tracer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { findingText, inspect } from '../../helpers/running/inspect.js';
import { Listening } from '../../helpers/running/listening.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('a process that has not ended and does not go on', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  let accepted: string;
  let client: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start());
    client = keep(await Peer.start());
    const listener = await server.number('listen', directory.file('socket'));
    await client.do('connect', directory.file('socket'));
    accepted = `/proc/${server.pid}/fd/${await server.number('accept', listener)}`;
  });

  /** What every output says of the client. */
  async function isTold(activity: Activity, state: string, finding: RegExp, column: string): Promise<void> {
    const document = await inspect(accepted);
    assert.deepEqual([document.byPidfd?.state, document.byPidfd?.activity], ['running', activity]);
    assert.deepEqual([document.verdict, document.holders?.[0]?.activity], ['pinned', activity]);
    assert.match(findingText(document, 'suspended'), finding);
    const text = (await runPeerpid(['inspect', accepted])).stdout;
    assert.match(text, new RegExp(`^state +${state} +=  ${state}$`, 'm'));
    assert.match(text, new RegExp(`The other end is open in node ${client.pid} \\(${state}, fd`));
    const choice = ['--connected', '--socket', directory.file('socket'), '--summary', 'none'];
    assert.match((await runPeerpid(['scan', ...choice])).stdout, new RegExp(`  client ${state}(, traced)?$`, 'm'));
    const csv = (await runPeerpid(['scan', '--csv', ...choice])).stdout;
    assert.match(csv, new RegExp(`,node ${client.pid},[^,]*,"?client ${state}(, traced"?)?$`, 'm'));
    const graph = (await runPeerpid(['scan', '--graph', ...choice])).stdout;
    assert.match(graph, new RegExp(`\\[label="node ${client.pid}\\\\n[^"]*\\\\n${state}[\\\\"]`));
    const columns = await runPeerpid(['scan', ...choice, '--columns', 'service-state,client-state', '--no-header']);
    assert.equal(columns.stdout.trim().replace(/ +/, ' '), `running ${column}`);
    const long = (await runPeerpid(['scan', '--long', ...choice])).stdout;
    assert.match(long, new RegExp(`client +node ${client.pid} \\(${state}, fd`));
    assert.match(long, new RegExp(`that PID is node ${client.pid}, [^;]*, ${state}`));
    const scanned = JSON.parse((await runPeerpid(['scan', '--json', ...choice])).stdout) as ScanDocument;
    const row = scanned.sockets.find(({ credential }) => credential?.pid === client.pid);
    assert.equal(row?.byPidfd?.activity, activity);
    assert.equal(scanned.processes.find(({ pid }) => pid === client.pid)?.activity, activity);
  }

  it('runs where nothing keeps it', async () => {
    const { byPidfd, findings } = await inspect(accepted);
    assert.deepEqual([byPidfd?.state, byPidfd?.activity, findings], ['running', null, []]);
  });

  it('is stopped', async () => {
    process.kill(client.pid, 'SIGSTOP');
    try {
      await waitFor('it is stopped', () => processStat(client.pid).state === 'T');
      await isTold(
        'stopped',
        'stopped',
        /^It was stopped by a signal .* until it gets SIGCONT: it reads and answers nothing until then/,
        'stopped',
      );
    } finally {
      process.kill(client.pid, 'SIGCONT');
    }
  });

  it('is held by its tracer', async function () {
    requirePrograms(this, 'python3');
    await using tracer = await holdByTracer(client.pid);
    const finding = /^Its first thread is held by its tracer, process \d+,/;
    await isTold('traced', 'held by its tracer', finding, 'traced');
    assert.ok(tracer);
  });

  it('is frozen with its cgroup, or with one above that', async function () {
    using cgroup = CgroupDirectory.make(this, 'app.service');
    cgroup.add(client.pid);
    for (const above of [false, true]) {
      using frozen = cgroup.freeze(above);
      await waitFor('it is frozen', () => frozen.isFrozen);
      await isTold('frozen', 'frozen with its cgroup', /^It is frozen with its cgroup/, 'frozen');
    }
    await client[Symbol.asyncDispose]();
  });

  it('is frozen by the freezer of cgroup v1', async function () {
    const freezer = '/sys/fs/cgroup/freezer';
    requireThat(this, isRoot && existsSync(`${freezer}/cgroup.procs`), 'needs the freezer of cgroup v1');
    const own = `${freezer}/peerpid-test-${process.pid}`;
    mkdirSync(own);
    try {
      writeFileSync(`${own}/cgroup.procs`, String(client.pid));
      writeFileSync(`${own}/freezer.state`, 'FROZEN');
      await waitFor('it is frozen', () => readFileSync(`${own}/freezer.state`, 'utf8') === 'FROZEN\n');
      await isTold('frozen', 'frozen with its cgroup', /^It is frozen with its cgroup/, 'frozen');
    } finally {
      writeFileSync(`${own}/freezer.state`, 'THAWED');
      writeFileSync(`${freezer}/cgroup.procs`, String(client.pid));
      rmdirSync(own);
    }
  });
});

describe('listen, where the client does not go on', () => {
  let directory: TemporaryDirectory;

  before(function () {
    requirePrograms(this, 'python3');
  });

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    return Promise.resolve();
  });

  for (const [activity, connecting] of [
    ['stopped', 'client.connect(sys.argv[1]); print("ready", flush=True); os.kill(os.getpid(), signal.SIGSTOP)'],
    [
      'first-thread-ended',
      `
def connect():
    client.connect(sys.argv[1])
    while open('/proc/self/stat').read().rpartition(')')[2][1] != 'Z': pass
    print("ready", flush=True)
    sys.stdin.read()
threading.Thread(target=connect).start()
ctypes.CDLL(None).pthread_exit(None)`,
    ],
  ] as const) {
    it(`tells so: ${activity}`, async () => {
      const path = directory.file('socket');
      await using listening = await Listening.start(['--once', '--holders', path]);
      // It looks only once the client is in that state
      listening.child.kill('SIGSTOP');
      const script = `import ctypes, os, signal, socket, sys, threading
client = socket.socket(socket.AF_UNIX)
${connecting}`;
      await using client = await Python.start(script, [], path);
      await waitFor('it is in that state', () => 'TZ'.includes(processStat(client.pid).state));
      listening.child.kill('SIGCONT');
      const { byPidfd, holders } = await listening.next('connection');
      assert.deepEqual([byPidfd?.pid, byPidfd?.state, byPidfd?.activity], [client.pid, 'running', activity]);
      assert.equal(holders?.[0]?.activity, activity);
    });
  }
});

it('a peer that is in _exit(2), and cannot come to its end, is ending', async function () {
  using directory = new TemporaryDirectory();
  const program = compiled(this, directory, 'exit-hang');
  await using server = await Peer.start();
  const path = directory.file('socket');
  const listener = await server.number('listen', path);
  const connected = server.number('accept', listener);
  chmodSync(path, 0o777);
  // Its child connects; with its end the FUSE lets that go
  await using hanging = await startWithFuse(this, directory, program, path);
  const accepted = `/proc/${server.pid}/fd/${await connected}`;
  const pid = pidOf(hanging);
  process.kill(pid, 'SIGKILL');
  await hanging.logged('FLUSH');
  const document = await inspect(accepted);
  assert.equal(document.byPidfd?.pid, pid);
  assert.deepEqual([document.byPidfd.state, document.byPidfd.activity], ['running', 'ending']);
  assert.match(findingText(document, 'ending'), /^It is ending: its first thread is in _exit\(2\)\.$/);
  assert.match((await runPeerpid(['inspect', accepted])).stdout, /^state +ending +=  ending$/m);
});
