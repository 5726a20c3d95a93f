/** The root file system of a machine: busybox, some programs, Node, the built package with its tests, and modules. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { CpioWriter } from './cpio.js';
import { copyInstalled } from './installed-files.js';
import type { Kernel } from './kernel.js';
import { packagesFor } from './node-packages.js';
import { addTree, guestRoot } from './trees.js';

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

export interface Contents {
  /** This checkout. */
  readonly root: string;
  /** Adds the programs. */
  readonly addSystem: (archive: CpioWriter) => void;
  /** Which machines it is for. */
  readonly kernels: readonly Kernel[];
  /** The files that mocha is given. */
  readonly tests: readonly string[];
}

/** Writes it. @param path - which must not exist */
export function writeInitramfs(path: string, { root, addSystem, kernels, tests }: Contents): void {
  using archive = new CpioWriter(path);
  archive.file('/init', readFileSync(join(root, 'test/other-kernels/init.sh')), 0o755);
  archive.file('/tests', Buffer.from(tests.join('\n')));
  // The kernel opens it before /init can mount anything
  archive.characterDevice('/dev/console', { major: 5, minor: 1 });
  for (const directory of ['/proc', '/sys', '/run', '/root', '/var/tmp', '/home']) archive.directory(directory);
  archive.directory('/tmp', 0o1777);
  addSystem(archive);
  for (const file of ['/etc/passwd', '/etc/group', '/etc/nsswitch.conf', '/etc/login.defs'])
    copyInstalled(archive, file);
  addPackage(archive, root);
  for (const { release, modules } of kernels) {
    modules.forEach((module, index) => {
      archive.copy(module, `/lib/modules/${release}/${index}.ko`, 0o644);
    });
  }
}

function addPackage(archive: CpioWriter, root: string): void {
  archive.copy(join(root, 'package.json'), join(guestRoot, 'package.json'), 0o644);
  for (const part of ['bin', 'build', 'dist', 'native-probe/bpf', ...packagesFor(root, nodePackages)])
    addTree(archive, join(root, part), join(guestRoot, part), (path) => !/\.(map|d\.ts)$/.test(path));
}
