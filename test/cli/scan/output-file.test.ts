import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';

import { assertProblem, asUser } from '../../helpers/assert-problem.js';
import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { ScanScene } from '../../helpers/peers/scan-scene.js';
import { assertDocument } from '../../helpers/running/json-schema.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { type RunOptions, runPeerpid } from '../../helpers/running/run-peerpid.js';

/** Whatever the sockets of this machine are: the exit status is not what these tests are of. */
const looked = new Set([0, 3]);

describe('peerpid scan --output', function () {
  this.timeout(60_000);
  let directory: TemporaryDirectory;
  let file: string;

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    file = directory.file('out');
  });

  async function written(args: readonly string[], options?: RunOptions): Promise<string> {
    const { status, stdout, stderr } = await runPeerpid(['scan', ...args, '--output', file], options);
    assert.equal(stdout, '');
    assert.equal(stderr, '');
    assert.ok(looked.has(status ?? -1), String(status));
    assert.deepEqual(readdirSync(directory.path), ['out']);
    return readFileSync(file, 'utf8');
  }

  it('has in the file what would be printed, in each format', async () => {
    assert.match(await written([]), /^(?:(?:NETNS +)?ADDRESS {2}|without a name: )[^]*\n\d+ sockets?: /);
    assert.match(await written(['--long']), /\n\d+ sockets?: /);
    assert.match(await written(['--graph']), /^digraph peerpid {\n[^]*\n}\n$/);
    assert.match(await written(['--prometheus']), /^# HELP [^]*\npeerpid_build_info{version="[^"]+"} 1\n$/);
  });

  it('has one line of JSON in it', async () => {
    const text = await written(['--json']);
    assert.equal(text.indexOf('\n'), text.length - 1);
    assertDocument('scan', text);
  });

  it('makes another file for everybody to read, whatever the umask and the old one', async () => {
    writeFileSync(file, 'old', { mode: 0o600 });
    const old = statSync(file).ino;
    await written(['--prometheus'], { wrapper: ['sh', '-c', 'umask 077; exec "$@"', 'sh'] });
    const { mode, ino } = statSync(file);
    assert.equal(mode & 0o7777, 0o644);
    assert.notEqual(ino, old);
  });

  it('exits as without it', async function () {
    requireNetworkNamespaces(this);
    await using scene = await ScanScene.make();
    const inside = { wrapper: scene.room.enter };
    for (const [flags, expected] of [
      [[], 3],
      [['--no-audit'], 0],
    ] as const) {
      const { status } = await runPeerpid(['scan', ...flags, '--output', file], inside);
      assert.equal(status, expected);
      assert.match(readFileSync(file, 'utf8'), /@app/);
    }
  });

  const problem = { status: 1, hint: /./ };

  it('needs a directory', async () => {
    const path = directory.file('missing/out');
    const message = /missing\/out cannot be written: no such file or directory$/;
    await assertProblem(['scan', '--output', path], { ...problem, message, hint: /^`mkdir -p .*\/missing`/ });
    // There are directories in which no file can be made
    const inProc = { ...problem, message: /^\/proc\/out cannot be written: /, hint: /^Give a path in a directory/ };
    await assertProblem(['scan', '--output', '/proc/out'], inProc);
  });

  it('replaces no directory, device or link', async () => {
    mkdirSync(file);
    await assertProblem(['scan', '--output', file], {
      ...problem,
      message: /out is a directory, and is not replaced$/,
    });
    const link = directory.file('link');
    symlinkSync('/dev/null', link);
    await assertProblem(['scan', '--output', link], { ...problem, message: /link is a symbolic link, and is not/ });
    await assertProblem(['scan', '--output', '/dev/null'], { ...problem, message: /^\/dev\/null is not a file, and/ });
    assert.ok(statSync('/dev/null').isCharacterDevice());
    assert.deepEqual(readdirSync(directory.path).sort(), ['link', 'out']);
  });

  it('says who may write', async function () {
    requirePrograms(this, 'setpriv');
    requireThat(this, isRoot, 'to be another user takes root');
    writeFileSync(file, 'old');
    const expected = {
      ...problem,
      message: /out cannot be written: permission denied$/,
      hint: /write permission on its/,
    };
    await assertProblem(['scan', '--output', file], expected, asUser(65534, 65534));
    assert.equal(readFileSync(file, 'utf8'), 'old');
  });

  it('leaves the old file, and nothing beside it, where there is no space', async function () {
    requirePrograms(this, 'unshare', 'mount');
    requireThat(this, isRoot, 'to mount takes root');
    const script = `mount -t tmpfs -o size=4k none "$0" && echo old >"$0/out" && "$@"; s=$?; cat "$0/out" >&2; ls -A "$0" >&2; exit $s`;
    const options = { wrapper: ['unshare', '--mount', 'sh', '-c', script, directory.path] };
    const { status, stderr, stdout } = await runPeerpid(['scan', '--prometheus', '--output', file], options);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^peerpid: .*\/out cannot be written: no space left on device\n {2}hint: Free space .*\nold\nout\n$/,
    );
    assert.equal(status, 1);
  });

  it('leaves the old file where the scan itself is wrong', async () => {
    writeFileSync(file, 'old');
    const { status } = await runPeerpid(['scan', '--graph', '--prometheus', '--output', file]);
    assert.equal(status, 2);
    assert.equal(readFileSync(file, 'utf8'), 'old');
  });
});
