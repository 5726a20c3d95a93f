import { lstatSync, readlinkSync } from 'node:fs';

import { findProgram } from '../helpers/machine/find-program.js';
import type { CpioWriter } from './cpio.js';
import { copyInstalled, filesOfPackages, librariesOf } from './installed-files.js';

/** Whose programs tests use, as far as they are installed here: tests skip, and name, what is missing. */
const packages = [
  ...['bash', 'coreutils', 'dash', 'mount', 'passwd', 'procps', 'socat', 'util-linux', 'libc-bin'],
  ...['perl-base', 'python3-minimal', 'python3.*-minimal', 'libpython3.*-minimal', 'libpython3.*-stdlib'],
  // What loads BPF programs, and what it needs
  ...['libbpf1', 'libelf1', 'zlib1g'],
];

/**
 * Adds the programs of this machine, and its Node.
 *
 * @param more - packages
 */
export function addInstalledSystem(archive: CpioWriter, more: readonly string[]): void {
  // Before anything goes through them
  for (const path of ['/bin', '/sbin', '/lib', '/lib64']) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      archive.symlink(path, readlinkSync(path));
  }
  archive.copy(findProgram('busybox') ?? '/bin/busybox', '/usr/bin/busybox', 0o755);
  archive.copy(process.execPath, '/usr/bin/node', 0o755);
  const files = filesOfPackages([...packages, ...more]);
  const programs = files.filter((file) => /\/s?bin\//.test(file) || file.endsWith('.so'));
  for (const file of [...files, ...librariesOf([process.execPath, ...programs])]) copyInstalled(archive, file);
}
