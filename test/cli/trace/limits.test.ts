import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import { assertProblem } from '../../helpers/assert-problem.js';
import { libbpfHidden } from '../../helpers/machine/libbpf-hidden.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { runPeerpid, startPeerpid, outcomeOf } from '../../helpers/running/run-peerpid.js';
import { requireTracing, TracedEvents } from '../../helpers/running/traced-events.js';
import { waitFor } from '../../helpers/wait-for.js';

/** More than the buffer has room for. */
const many = 30_000;

describe('peerpid trace, at its limits', () => {
  before(function () {
    this.timeout(20_000);
    requireTracing(this);
  });

  it('counts the calls that found no room while it did not look', async () => {
    const name = `@peerpid-test-${process.pid}-lost`;
    await using traced = await TracedEvents.start([name]);
    traced.child.kill('SIGSTOP');
    const script = `import socket
for _ in range(${many}):
  try: socket.socket(socket.AF_UNIX).connect(b"\\0" + ${JSON.stringify(name.slice(1))}.encode())
  except OSError: pass`;
    spawnSync('python3', ['-c', script], { stdio: 'inherit' });
    traced.child.kill('SIGCONT');
    traced.child.kill('SIGTERM');
    let [seen, lost] = [0, 0];
    for (;;) {
      const event = await traced.any();
      if (event.event === 'connect') seen++;
      if (event.event === 'lost') lost += event.events;
      if (event.event !== 'summary') continue;
      assert.deepEqual([event.connections, event.lost], [seen, lost]);
      break;
    }
    assert.ok(lost > 0 && seen > 0);
    // Others of the machine may be lost, too
    assert.ok(seen + lost >= many, `${seen} and ${lost}`);
  });

  it('leaves no program behind when it is killed', async function () {
    requirePrograms(this, 'bpftool');
    const before = programs();
    await using traced = await TracedEvents.start(['@peerpid-test-nobody']);
    const loaded = [...programs()].filter((id) => !before.has(id));
    assert.ok(loaded.length >= 2);
    await traced.stop('SIGKILL');
    await waitFor('the programs are gone', () => {
      const now = programs();
      return loaded.every((id) => !now.has(id));
    });
  });

  it('ends when nobody reads any more, also where there is nothing to show', async () => {
    const child = startPeerpid(['trace', '@peerpid-test-nobody']);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [status] = (await once(child, 'exit')) as [number | null];
    assert.equal(status, 0);
  });

  it('shows names that others chose harmlessly', async () => {
    using directory = new TemporaryDirectory();
    const path = directory.file('a\u001b[31m\nb');
    const child = startPeerpid(['trace', '--count', '1', '--long', path]);
    const outcome = outcomeOf(child);
    let isThere = false;
    child.stdout.once('data', () => (isThere = true));
    await waitFor('it traces', () => isThere);
    const script = [
      'import socket, ctypes',
      'ctypes.CDLL(None).prctl(15, b"x\\x1b[2J\\nroot")',
      `try: socket.socket(socket.AF_UNIX).connect(${JSON.stringify(path)})`,
      'except OSError: pass',
    ].join('\n');
    spawnSync('python3', ['-c', script], { stdio: 'inherit' });
    const { stdout, status } = await outcome;
    assert.equal(status, 0);
    assert.match(stdout, /ENOENT +x\\x1b\[2J\\x0aroot \d+ +root +\S*a\\x1b\[31m\\x0ab$/m);
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  });

  it('replaces a file by counts for Prometheus, which takes them', async function () {
    requirePrograms(this, 'promtool');
    using directory = new TemporaryDirectory();
    const [file, name] = [directory.file('trace.prom'), directory.file('no "such\\\n')];
    await using traced = await TracedEvents.start(['--count', '2', '--prometheus', file, name]);
    const script = `import socket\nfor _ in range(2):\n  try: socket.socket(socket.AF_UNIX).connect(${JSON.stringify(name)})\n  except OSError: pass`;
    spawnSync('python3', ['-c', script], { stdio: 'inherit' });
    assert.equal(await traced.exitStatus, 0);
    const text = readFileSync(file, 'utf8');
    const [count] = /^peerpid_trace_connections_total\{.*result="ENOENT"\} 2$/m.exec(text) ?? [];
    assert.ok(count !== undefined, text);
    execFileSync('promtool', ['check', 'metrics'], { input: text });
  });

  it('says what is missing: the library, rights, more calls', async () => {
    await assertProblem(
      ['trace'],
      { status: 4, message: /^there is no libbpf\.so\.1 here$/, hint: /^It is in the package libbpf1/ },
      { wrapper: libbpfHidden },
    );
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    await assertProblem(
      ['trace'],
      {
        status: 4,
        message: /^you may not load BPF programs$/,
        hint: /^Run it as root, or with CAP_BPF and CAP_PERFMON/,
      },
      { wrapper: nobody },
    );
    const { status, stderr } = await runPeerpid(['trace', '--count', '2', '--duration', '0.2', '@peerpid-test-nobody']);
    assert.equal(status, 1);
    assert.match(stderr, /^peerpid: stopped after 0 of 2 calls$/m);
  });
});

function programs(): Set<number> {
  const list = JSON.parse(execFileSync('bpftool', ['--json', 'prog', 'list'], { encoding: 'utf8' })) as {
    id: number;
  }[];
  return new Set(list.map(({ id }) => id));
}
