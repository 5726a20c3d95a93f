import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { codeCachePath, readWithCache } from '../../src/cli/code-cache.js';
import { compile } from '../../src/cli/load-bundle.js';
import { isRoot, requireThat } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { bundled, programRoot } from '../helpers/running/program-root.js';

describe('the code caches of the bundles', () => {
  let directory: TemporaryDirectory;
  let bundle: string;
  let cache: string;

  /** A copy of the program, in which the cache may be spoiled. */
  beforeEach(() => {
    directory = new TemporaryDirectory();
    for (const part of ['bin', 'dist', 'package.json']) {
      cpSync(join(programRoot, part), directory.file(part), { recursive: true });
    }
    symlinkSync(join(programRoot, 'node_modules'), directory.file('node_modules'));
    bundle = directory.file('dist/cli/help.cjs');
    cache = codeCachePath(bundle);
  });

  afterEach(() => {
    directory[Symbol.dispose]();
  });

  const isTaken = (): boolean => readWithCache(bundle).code !== undefined;
  const works = (): void => {
    const program = [directory.file('bin/run.cjs'), 'inspect', '--help'];
    const { status, stdout } = spawnSync(process.execPath, program, { encoding: 'utf8' });
    assert.equal(status, 0);
    assert.match(stdout, /^USAGE/m);
  };

  for (const file of ['help.cjs', 'inspect.cjs', 'command-line.cjs']) {
    it(`are ones that V8 takes: ${file}`, () => {
      const { source, code } = readWithCache(bundled(file));
      assert.ok(code !== undefined, 'there is none');
      assert.equal(compile(bundle, source, code).cachedDataRejected, false);
    });
  }

  it('are taken where one lies beside its bundle', () => {
    assert.ok(isTaken());
    works();
  });

  it('are not missed', () => {
    rmSync(cache);
    assert.ok(!isTaken());
    works();
  });

  it('cost time alone where one is cut, empty, damaged, or another bundle’s', () => {
    const whole = readFileSync(cache);
    truncateSync(cache, whole.length - 1000);
    assert.ok(!isTaken(), 'cut');
    works();
    truncateSync(cache, 0);
    assert.ok(!isTaken(), 'empty');
    works();
    for (const at of [0, 10, 1000, whole.length >> 1, whole.length - 1]) {
      writeFileSync(cache, whole.with(at, (whole[at] ?? 0) ^ 1));
      assert.ok(!isTaken(), `another byte at ${at}`);
      works();
    }
    writeFileSync(cache, whole);
    assert.ok(isTaken());
    // As long as it was, which is all that V8 looks at
    writeFileSync(bundle, readFileSync(bundle, 'latin1').replace(/peerpid/, 'PEERPID'));
    assert.ok(!isTaken(), 'another bundle');
    works();
  }).timeout(60_000);

  it('are not taken from another owner, or where others may write it: code is run by root, too', function () {
    chmodSync(cache, 0o666);
    assert.ok(!isTaken());
    chmodSync(cache, 0o644);
    chmodSync(bundle, 0o644);
    assert.ok(isTaken());
    requireThat(this, isRoot, 'to give a file away takes root');
    chownSync(cache, 65534, 0);
    assert.ok(!isTaken());
    chownSync(cache, 0, 65534);
    assert.ok(!isTaken());
    works();
  });
});
