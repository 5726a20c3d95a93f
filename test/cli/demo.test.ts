import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { waitFor } from '../helpers/wait-for.js';

const demo = fileURLToPath(new URL('../../../scripts/demo.js', import.meta.url));

const probe = 'test -w /proc/sys/kernel/ns_last_pid';
const inNamespace = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', 'sh', '-c', probe];
const mayRecycle =
  spawnSync('unshare', inNamespace).status === 0 || spawnSync('unshare', inNamespace.slice(2)).status === 0;

/** The command lines of processes that name something. */
function processesOf(word: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine)
    .filter((line) => line.includes(word));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

describe('npm start', () => {
  before(function () {
    requirePrograms(this, 'unshare', 'tail', 'sleep');
  });

  it('shows a pinned client, its end, a pinned listener and a recycled one, and leaves nothing behind', function () {
    requireThat(this, mayRecycle, 'no PID namespace can be made here');
    using directory = new TemporaryDirectory();
    const { status, stdout, stderr } = spawnSync(process.execPath, [demo], {
      env: { ...process.env, TMPDIR: directory.path },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const order = ['#1  connection', 'PINNED', 'connect(2)', 'inspect', 'PINNED', 'listen(2)', 'ended with status 7'];
    let at = 0;
    for (const shown of [...order, '1 pinned', 'RECYCLED', 'tail']) {
      at = stdout.indexOf(shown, at);
      assert.notEqual(at, -1, `${shown} is missing in:\n${stdout}`);
    }
    assert.deepEqual(readdirSync(directory.path), []);
    assert.deepEqual(processesOf(directory.path), []);
  });

  it('leaves nothing behind on Ctrl-C either', async () => {
    using directory = new TemporaryDirectory();
    const child = spawn(process.execPath, [demo], {
      env: { ...process.env, TMPDIR: directory.path },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const stderr = text(child.stderr);
    const ended = once(child, 'exit');
    await waitFor('the listener has made its socket', () =>
      readdirSync(directory.path, { recursive: true }).some((name) => String(name).endsWith('.sock')),
    );
    child.kill('SIGINT');
    assert.deepEqual(await ended, [null, 'SIGINT']);
    assert.equal(await stderr, '');
    assert.deepEqual(readdirSync(directory.path), []);
    assert.deepEqual(processesOf(directory.path), []);
  });
});
