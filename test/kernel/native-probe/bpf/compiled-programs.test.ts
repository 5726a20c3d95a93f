import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { ConnectionTracer } from '../../../../native-probe/bpf/connection-tracer.js';
import { libbpfVersion } from '../../../../native-probe/bpf/libbpf.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { repositoryPath } from '../../../helpers/pages.js';

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

/** Debian 12's. Others make other code of the same source. */
const compiler = 'clang version 14.';

describe('the BPF programs in the repository', () => {
  it('are what their sources compile to', function () {
    this.timeout(60_000);
    requirePrograms(this, 'clang', 'bpftool', 'llvm-objcopy');
    const version = execFileSync('clang', ['--version'], { encoding: 'utf8' });
    requireThat(this, version.includes(compiler), `needs ${compiler}x, and this is ${version.split('\n')[0] ?? ''}`);
    const { status, stderr } = spawnSync('node', [repositoryPath('scripts/build-bpf.js'), '--check'], {
      encoding: 'utf8',
    });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  });

  it('are small: each takes room in the package, and time to load', () => {
    const folder = repositoryPath('native-probe/bpf');
    const objects = readdirSync(folder).filter((name) => name.endsWith('.o'));
    assert.ok(objects.length > 0);
    for (const name of objects) assert.ok(statSync(join(folder, name)).size < 20_000, name);
  });

  it('are taken by the kernel, and leave no descriptor behind', function () {
    requireThat(this, isRoot, 'needs root');
    assert.match(libbpfVersion(), /^\d+\.\d+$/);
    const before = openDescriptors();
    for (const all of [true, false]) {
      using _tracer = new ConnectionTracer(repositoryPath('native-probe/bpf'), {
        accepts: all,
        ends: all,
        messages: all,
      });
    }
    assert.equal(openDescriptors(), before);
  });
});
