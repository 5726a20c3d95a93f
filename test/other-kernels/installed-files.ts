/** Programs of this machine, with all that they need to run elsewhere. */
import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import type { CpioWriter } from './cpio.js';

/** The dynamic linker's answer for each program: the libraries, and itself. ldd(1) */
export function librariesOf(programs: readonly string[]): string[] {
  // It fails for scripts and static programs, and tells of the others all the same
  const { stdout } = spawnSync('ldd', programs, { encoding: 'utf8' });
  return [...new Set([...stdout.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path = '']) => path))];
}

const unwanted = /^\/usr\/(share\/(?!perl)|lib\/python3\/|include\/)/;

/** The files of Debian packages that are installed here; `*` stands for any part of a name. */
export function filesOfPackages(patterns: readonly string[]): string[] {
  const query = (...args: string[]): string => spawnSync('dpkg-query', args, { encoding: 'utf8' }).stdout;
  const names = query('-W', '-f', '${db:Status-Status} ${binary:Package}\n', ...patterns)
    .split('\n')
    .flatMap((line) => /^installed (.*)/.exec(line)?.[1] ?? []);
  if (names.length === 0) return [];
  return execFileSync('dpkg-query', ['-L', ...names], { encoding: 'utf8' })
    .split('\n')
    .filter((path) => path.startsWith('/') && !unwanted.test(path));
}

/** Copies a file to where it is here, and what it is a link to. What is neither, or cannot be read, is left out. */
export function copyInstalled(archive: CpioWriter, path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  // Where /bin is a link to /usr/bin it is in the archive too
  const place = join(realpathSync(dirname(path)), basename(path));
  if (stat.isFile()) archive.copy(path, place, stat.mode);
  if (!stat.isSymbolicLink() || archive.has(place)) return;
  const target = readlinkSync(path);
  archive.symlink(place, target);
  copyInstalled(archive, resolve(dirname(place), target));
}
