// `npm run package:standalone [-- ARCH...]`: for machines without Node, release/peerpid-VERSION-linux-ARCH, and beside it
// a .tar.zst that has man pages and completions too, and SHA256SUMS.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { writeChecksums } from '../release/checksums.js';
import { folder, version } from '../release/package.js';
import { makeExecutable } from './executable.js';
import { lastChange, run } from '../run.js';
import { install, layOut, zshDirectories } from './layout.js';

const wanted = process.argv.slice(2);

await mkdir(folder, { recursive: true });
for (const arch of wanted.length > 0 ? wanted : ['x64', 'arm64']) {
  const name = `peerpid-${version}-linux-${arch}`;
  const executable = join(folder, name);
  await makeExecutable(arch, executable);
  await packed(name, executable, arch);
}
writeChecksums();

/** Whatever is unpacked into /usr/local is found there. */
async function packed(name, executable, arch) {
  const directory = await mkdtemp(join(tmpdir(), 'peerpid-tar-'));
  try {
    await layOut(join(directory, name), arch, executable, zshDirectories.others);
    await install('CHANGELOG.md', join(directory, name, 'share/doc/peerpid/CHANGELOG.md'));
    const tar = join(directory, 'tar');
    const reproducible = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mode=go=u-w'];
    run('tar', ['-cf', tar, '-C', directory, ...reproducible, `--mtime=@${lastChange('%ct')}`, name]);
    run('zstd', ['-q', '-f', '-T0', '-15', tar, '-o', `${executable}.tar.zst`]);
  } finally {
    await rm(directory, { recursive: true });
  }
}
