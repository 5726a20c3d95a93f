// `npm run package:deb [-- ARCH...]`: packages for Debian and, where there is rpmbuild(8), for Fedora and others, in
// release/. The executable has everything in it, so that there is nothing in /usr/lib/peerpid.
// With --fast a package for Debian alone, which is made sooner and is larger: to try it.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';

import { writeChecksums } from '../release/checksums.js';
import { folder } from '../release/package.js';
import { makeDeb } from './debian/package.js';
import { makeExecutable } from './executable.js';
import { makeRpm } from './rpm.js';

const words = process.argv.slice(2);
const fast = words.includes('--fast');
const wanted = words.filter((word) => word !== '--fast');
const hasRpm = spawnSync('rpmbuild', ['--version']).error === undefined;
if (!hasRpm && !fast)
  process.stderr.write('There is no rpmbuild(8) here (Debian: rpm), and so no package for Fedora.\n');

await mkdir(folder, { recursive: true });
for (const arch of wanted.length > 0 ? wanted : ['x64', 'arm64']) {
  const directory = await mkdtemp(join(tmpdir(), 'peerpid-deb-'));
  try {
    const executable = join(directory, 'peerpid');
    await makeExecutable(arch, executable);
    process.stdout.write(`${await makeDeb(arch, executable, join(directory, 'deb'), fast)}\n`);
    if (hasRpm && !fast) process.stdout.write(`${await makeRpm(arch, executable, join(directory, 'rpm'))}\n`);
  } finally {
    await rm(directory, { recursive: true });
  }
}
writeChecksums();
