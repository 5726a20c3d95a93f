/** A kernel of Debian's: which one is meant, and what a machine needs of it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Archive, Package } from './archive.js';
import { NotReadyError } from './not-ready.js';

export interface Kernel {
  /** As uname(1) has it, such as `6.12.117+deb13-amd64`. */
  readonly release: string;
  /** The bootable image. */
  readonly image: string;
  /** Modules, in the order in which they can be loaded. */
  readonly modules: readonly string[];
}

/** What the tests need of what Debian builds as modules. None of them needs another. */
const modules = ['unix_diag.ko', 'overlay.ko'];
const files = ['vmlinuz', ...modules];

/** The release that a package's name has; undefined of a package that is no kernel. */
function releaseOf(name: string, { architecture }: Archive): string | undefined {
  return new RegExp(`^linux-image-(\\d+\\.\\d+.*-${architecture.name})$`).exec(name)?.[1];
}

/**
 * The package that is meant by a version's beginning (`6.12`), a suite (`sid`) or `newest`.
 *
 * @throws NotReadyError when the archive has none
 */
export function findRelease(archive: Archive, wanted: string): string {
  const releases = archive.names('linux-image-').flatMap((name) => releaseOf(name, archive) ?? []);
  const plain = releases.filter((release) => !/-(cloud|rt|16k|64k)-[^-]*$/.test(release)).sort(byVersion);
  const found = /^\d/.test(wanted)
    ? plain.findLast((release) => release.startsWith(wanted) && !/^\d/.test(release.slice(wanted.length)))
    : wanted === 'newest'
      ? plain.at(-1)
      : releaseOfSuite(archive, wanted);
  if (found === undefined) throw new NotReadyError(`the archive has no kernel ${wanted}`);
  return found;
}

function releaseOfSuite(archive: Archive, suite: string): string | undefined {
  const names = archive.exactDependencies(`linux-image-${archive.architecture.name}`, suite).map(({ name }) => name);
  return names.flatMap((name) => releaseOf(name, archive) ?? [])[0];
}

/** By the numbers in them: 6.9 comes before 6.12, and 7.3, which is a candidate for it, before 7.3.4. */
function byVersion(one: string, other: string): number {
  const numbers = (release: string): number[] =>
    release
      .replace(/-[^-]*$/, '')
      .match(/\d+/g)
      ?.map(Number) ?? [];
  const [ours, theirs] = [numbers(one), numbers(other)];
  for (const [index, number] of ours.entries()) {
    const difference = number - (theirs[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return ours.length - theirs.length;
}

/** Takes a kernel from the cache, or from the archive into the cache: the image and a few modules are all that stays. */
export function fetchKernel(archive: Archive, release: string, cache: string): Kernel {
  const directory = join(cache, release);
  if (!existsSync(directory)) {
    mkdirSync(cache, { recursive: true });
    const unpacked = mkdtempSync(join(cache, 'unpacking-'));
    try {
      // Later ones have image and modules in packages of their own
      const [image, ...parts] = archive.newest(`linux-image-${release}`);
      const needed = parts.filter(({ name }) => /^linux-(binary|modules)-/.test(name));
      for (const part of [image, ...needed]) unpack(archive, part, unpacked);
      const missing = files.filter((name) => !existsSync(join(unpacked, name)));
      if (missing.length > 0) throw new Error(`the packages of ${release} lack ${missing.join(', ')}`);
      renameSync(unpacked, directory);
    } finally {
      rmSync(unpacked, { recursive: true, force: true });
    }
  }
  return { release, image: join(directory, 'vmlinuz'), modules: modules.map((name) => join(directory, name)) };
}

/** Unpacks what is wanted of a package into a flat directory. */
function unpack(archive: Archive, one: Package, directory: string): void {
  archive.download(one, directory);
  const run = (program: string, ...args: string[]): unknown => execFileSync(program, args, { cwd: directory });
  const packed = readdirSync(directory).find((name) => name.endsWith('.deb'));
  if (packed === undefined) throw new Error(`apt-get has not downloaded ${one.name}`);
  // tar fails when one is not there, and each package has some of them only
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x --wildcards --transform "$2" "${@:3}" 2>/dev/null || true';
  const names = ['*/vmlinuz', '*/vmlinuz-*', ...modules.flatMap((name) => [`*/${name}`, `*/${name}.*`])];
  run('bash', '-c', script, 'bash', packed, 's|.*/||;s|^vmlinuz-.*|vmlinuz|', ...names);
  rmSync(join(directory, packed));
  for (const name of readdirSync(directory)) {
    if (name.endsWith('.xz')) run('xz', '--decompress', name);
    if (name.endsWith('.zst')) run('zstd', '-q', '--rm', '--decompress', name);
  }
}
