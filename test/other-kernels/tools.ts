/** The programs that this needs, and where Debian has them. */
import { arch } from 'node:os';

import { findProgram } from '../helpers/machine/find-program.js';
import { NotReadyError } from './not-ready.js';

const tools = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
  ldd: 'libc-bin',
  tar: 'tar',
  xz: 'xz-utils',
  zstd: 'zstd',
} as const;

export type Tools = Readonly<Record<keyof typeof tools, string>>;

/** @throws NotReadyError that says what is missing, and how to get it */
export function findTools(): Tools {
  if (arch() !== 'x64') throw new NotReadyError(`the kernels are Debian’s for amd64, and this machine is ${arch()}`);
  const found = Object.entries(tools).map(([name, from]) => ({ name, from, path: findProgram(name) }));
  const missing = found.filter(({ path }) => path === undefined);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new NotReadyError(
      `${names} not found: apt-get install --no-install-recommends ${missing.map(({ from }) => from).join(' ')}`,
    );
  }
  return Object.fromEntries(found.map(({ name, path }) => [name, path])) as Tools;
}
