/** The programs of another architecture: Debian's packages, unpacked, and what npm has of Node and of koffi. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import type { Architecture } from './architecture.js';
import type { Archive } from './archive.js';
import type { CpioWriter } from './cpio.js';
import { NotReadyError } from './not-ready.js';
import { addTree, guestRoot } from './trees.js';

/** As `installed-system.ts` takes from this machine, with busybox, and the library that Node needs. */
const packages = [
  ...['bash', 'busybox-static', 'coreutils', 'dash', 'libc-bin', 'libpython3-stdlib', 'libstdc++6', 'mount', 'passwd'],
  ...['perl-base', 'procps', 'python3-minimal', 'socat', 'util-linux', 'libbpf1'],
];

/** The oldest that the archive is asked for. */
const suite = 'bookworm';

/** Fetches it into the cache, where it is not there yet. @returns its directory there */
export function fetchSystem(archive: Archive, root: string, cache: string): string {
  const { node } = archive.architecture;
  const npm = [`node-linux-${node}@${process.versions.node}`, `@koromix/koffi-linux-${node}@${koffiVersion(root)}`];
  const contents = createHash('sha256')
    .update([...packages, ...npm].join())
    .digest('hex');
  const directory = join(cache, `${node}-${contents.slice(0, 12)}`);
  if (existsSync(directory)) return directory;
  mkdirSync(cache, { recursive: true });
  const unpacked = mkdtempSync(join(cache, 'unpacking-'));
  try {
    // Before anything goes through them: packages of before have files below /bin, and those of today below /usr/bin
    for (const name of ['bin', 'sbin', 'lib']) {
      mkdirSync(join(unpacked, 'system/usr', name), { recursive: true });
      symlinkSync(`usr/${name}`, join(unpacked, 'system', name));
    }
    for (const file of archive.downloadWithNeeds(packages, suite)) {
      const script =
        'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2" --exclude "./usr/share/*/*"';
      run('bash', '-c', `set -o pipefail; ${script}`, 'bash', file, join(unpacked, 'system'));
      rmSync(file);
    }
    for (const one of npm) takeFromNpm(one, unpacked);
    renameSync(unpacked, directory);
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
  return directory;
}

/** Adds what {@link fetchSystem} has fetched. */
export function addForeignSystem(archive: CpioWriter, { node }: Architecture, directory: string): void {
  addTree(archive, join(directory, 'system'), '/');
  archive.copy(join(directory, `node-linux-${node}/bin/node`), '/usr/bin/node', 0o755);
  addTree(archive, join(directory, '@koromix'), join(guestRoot, 'node_modules/@koromix'));
}

function koffiVersion(root: string): string {
  const manifest = readFileSync(join(root, 'node_modules/koffi/package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

/** npm installs nothing that is for another architecture; it packs it. */
function takeFromNpm(one: string, directory: string): void {
  const name = one.slice(0, one.lastIndexOf('@'));
  const file = run('npm', 'pack', '--silent', '--pack-destination', directory, one).trim();
  mkdirSync(join(directory, name), { recursive: true });
  run('tar', '-xzf', join(directory, file), '-C', join(directory, name), '--strip-components=1', '--exclude=*/include');
  rmSync(join(directory, file));
}

function run(program: string, ...args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new NotReadyError(`${program} ${args.join(' ')} failed: ${String(error)}`);
  }
}
