/** The root file system of a machine: busybox, some programs of this machine, Node, the built package with its tests, and modules. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { CpioWriter } from './cpio.js';
import { copyInstalled, filesOfPackages, librariesOf } from './installed-files.js';
import type { Kernel } from './kernel.js';
import { packagesFor } from './node-packages.js';

/** Whose programs tests use, as far as they are installed here: tests skip, and name, what is missing. */
const packages = [
  ...['coreutils', 'dash', 'mount', 'passwd', 'procps', 'socat', 'util-linux', 'libc-bin'],
  ...['perl-base', 'python3-minimal', 'python3.*-minimal', 'libpython3.*-minimal', 'libpython3.*-stdlib'],
  // What loads BPF programs, and what it needs
  ...['libbpf1', 'libelf1', 'zlib1g'],
];

/** What Node loads by name while a test runs. */
const nodePackages = [
  'koffi',
  'mocha',
  'ajv',
  'ajv-formats',
  'picomatch',
  'chalk',
  'cli-table3',
  'fast-string-width',
  'fast-wrap-ansi',
];

/** Where the package is in there. */
export const guestRoot = '/peerpid';

export interface Contents {
  /** This checkout. */
  readonly root: string;
  /** A static busybox's path. */
  readonly busybox: string;
  /** More packages than always. */
  readonly more: readonly string[];
  /** Which machines it is for. */
  readonly kernels: readonly Kernel[];
  /** The files that mocha is given. */
  readonly tests: readonly string[];
}

/** Writes it. @param path - which must not exist */
export function writeInitramfs(path: string, { root, busybox, more, kernels, tests }: Contents): void {
  using archive = new CpioWriter(path);
  archive.file('/init', readFileSync(join(root, 'test/other-kernels/init.sh')), 0o755);
  archive.file('/tests', Buffer.from(tests.join('\n')));
  // The kernel opens it before /init can mount anything
  archive.characterDevice('/dev/console', { major: 5, minor: 1 });
  for (const directory of ['/proc', '/sys', '/run', '/root', '/var/tmp', '/home']) archive.directory(directory);
  archive.directory('/tmp', 0o1777);
  addSystem(archive, busybox, more);
  addPackage(archive, root);
  for (const { release, modules } of kernels) {
    modules.forEach((module, index) => {
      archive.copy(module, `/lib/modules/${release}/${index}.ko`, 0o644);
    });
  }
}

function addSystem(archive: CpioWriter, busybox: string, more: readonly string[]): void {
  // Before anything goes through them
  for (const path of ['/bin', '/sbin', '/lib', '/lib64']) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      archive.symlink(path, readlinkSync(path));
  }
  archive.copy(busybox, '/usr/bin/busybox', 0o755);
  archive.copy(process.execPath, '/usr/bin/node', 0o755);
  const files = filesOfPackages([...packages, ...more]);
  const programs = files.filter((file) => /\/s?bin\//.test(file) || file.endsWith('.so'));
  for (const file of [...files, ...librariesOf([process.execPath, ...programs])]) copyInstalled(archive, file);
  for (const file of ['/etc/passwd', '/etc/group', '/etc/nsswitch.conf', '/etc/login.defs'])
    copyInstalled(archive, file);
}

function addPackage(archive: CpioWriter, root: string): void {
  for (const file of ['package.json', 'oclif.manifest.json'])
    archive.copy(join(root, file), join(guestRoot, file), 0o644);
  for (const part of ['bin', 'build', 'dist', 'native-probe/bpf', ...packagesFor(root, nodePackages)])
    addTree(archive, root, part);
}

function addTree(archive: CpioWriter, root: string, part: string): void {
  for (const entry of readdirSync(join(root, part), { withFileTypes: true })) {
    const path = join(part, entry.name);
    if (entry.isDirectory()) addTree(archive, root, path);
    else if (!/\.(map|d\.ts)$/.test(path)) {
      archive.copy(join(root, path), join(guestRoot, path), statSync(join(root, path)).mode);
    }
  }
}
