import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { requirePrograms } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { root } from '../helpers/running/installed-package.js';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** What takes minutes, or what only the registry can tell. */
const elsewhere = ['tests', 'publint', 'types', 'executables', 'packages', 'signatures'];

function release(directory: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('node', [join(directory, 'scripts/release.js'), ...args], { encoding: 'utf8' });
}

describe('npm run release', function () {
  this.timeout(60_000);

  it('shows what a release would be, and makes its files', function () {
    requirePrograms(this, 'npm', 'tar', 'git', 'sha256sum');
    const { status, stdout } = release(root, '--dry-run', '--leave-out', elsewhere.join(','));
    assert.equal(status, 0, stdout);
    const outcome = stdout.slice(stdout.lastIndexOf(`peerpid ${version}\n`));
    const rows = [...outcome.matchAll(/^ {2}(\S+) +(ok|left out|failed)/gm)];
    const results = Object.fromEntries(rows.map(([, name = '', result = '']) => [name, result] as const));
    assert.deepEqual(results, {
      ...Object.fromEntries(elsewhere.map((name) => [name, 'left out'])),
      ...Object.fromEntries(['version', 'changelog', 'pack', 'sbom', 'checksums'].map((name) => [name, 'ok'])),
    });
    const folder = join(root, 'release');
    execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: folder });
    const { components } = JSON.parse(readFileSync(join(folder, `peerpid-${version}.cdx.json`), 'utf8')) as {
      components: { name: string }[];
    };
    const names = components.map(({ name }) => name);
    // One that is installed, its native parts, one that is bundled, and none that only tests
    for (const name of ['koffi', '@koromix/koffi-linux-arm64', '@oclif/core']) assert.ok(names.includes(name), name);
    for (const name of ['mocha', '@koromix/koffi-win32-x64']) assert.ok(!names.includes(name), name);
  });

  it('fails where the versions are not the same, and ends at once where it is no dry run', () => {
    using directory = new TemporaryDirectory();
    for (const name of ['scripts', 'package.json', 'package-lock.json', 'CHANGELOG.md'])
      cpSync(join(root, name), directory.file(name), { recursive: true });
    const other = readFileSync(join(root, 'package.json'), 'utf8').replace(/"version": ".*"/, '"version": "9.9.9"');
    writeFileSync(directory.file('package.json'), other);
    const { status, stdout } = release(directory.path);
    assert.equal(status, 1);
    assert.match(stdout, /^ {2}version +failed: package\.json has 9\.9\.9, package-lock\.json /m);
    assert.doesNotMatch(stdout, /changelog/);
  });

  it('takes no unknown step, and leaves out nothing of a real one', () => {
    const unknown = release(root, '--dry-run', '--leave-out', 'test');
    assert.deepEqual([unknown.status, unknown.stdout], [2, '']);
    assert.match(unknown.stderr, /^no such step: test\. There are version, /);
    const real = release(root, '--leave-out', 'tests');
    assert.deepEqual([real.status, real.stdout], [2, '']);
  });
});
