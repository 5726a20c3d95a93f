/** The programs that this needs, and where Debian has them. */
import { arch } from 'node:os';

import { findProgram } from '../helpers/machine/find-program.js';
import type { Architecture } from './architecture.js';
import { NotReadyError } from './not-ready.js';

const always = { 'apt-get': 'apt', 'dpkg-deb': 'dpkg', tar: 'tar', xz: 'xz-utils', zstd: 'zstd' };

const more: Readonly<Record<Architecture['name'], Readonly<Record<string, string>>>> = {
  // Its programs are those of this machine
  amd64: { 'qemu-system-x86_64': 'qemu-system-x86', busybox: 'busybox-static', ldd: 'libc-bin' },
  arm64: { 'qemu-system-aarch64': 'qemu-system-arm', npm: 'npm' },
};

/** @throws NotReadyError that says what is missing, and how to get it */
export function checkTools({ name: architecture }: Architecture): void {
  if (architecture === 'amd64' && arch() !== 'x64')
    throw new NotReadyError(
      `programs for Debian’s kernels for amd64 are taken from here, and this machine is ${arch()}`,
    );
  const tools = { ...always, ...more[architecture] };
  const found = Object.entries(tools).map(([name, from]) => ({ name, from, path: findProgram(name) }));
  const missing = found.filter(({ path }) => path === undefined);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new NotReadyError(
      `${names} not found: apt-get install --no-install-recommends ${missing.map(({ from }) => from).join(' ')}`,
    );
  }
}
