/**
 * koffi in a single executable, in place of the package of that name: its native part alone, which is within. The rest
 * of the package finds that part, and has what is deprecated.
 *
 * dlopen(3) takes a file. It is one in memory that has no name, which no mount forbids to be run: memfd_create(2),
 * opened by /proc/self/fd. Where that is refused (by a security module, say) or there is no /proc, it is a file in a new
 * directory that only this user may enter, removed as soon as it is loaded. Either way nobody else can put another in its
 * place, and nothing is left behind.
 */
import { closeSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readProgramFile } from './program-files.js';

const name = 'koffi.node';

/** Where a file may be made. The first that is not mounted noexec is taken. */
const places = [tmpdir(), '/dev/shm', '/run', '/var/tmp'];

/** memfd_create(2) */
const MFD_CLOEXEC = 1;
/** Without it, or its opposite, Linux since 6.3 writes a warning into its log. It is about execve(2), not mmap(2). */
const MFD_NOEXEC_SEAL = 8;

/** What is used of node:ffi, by which Node 26 calls functions of C. It is slower than koffi, and can do less. */
interface Ffi {
  dlopen(
    path: null,
    functions: { readonly memfd_create: { readonly arguments: readonly string[]; readonly return: string } },
  ): { readonly functions: { readonly memfd_create: (name: string, flags: number) => number } };
}

function load(): unknown {
  const bytes = readProgramFile(name);
  const reasons: string[] = [];
  for (const way of [fromMemory, ...places.map((place) => fromFile(place))]) {
    try {
      return way(bytes);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      reasons.push(error.message);
    }
  }
  throw new Error(reasons.join('; '));
}

function fromMemory(bytes: Buffer): unknown {
  const fd = memoryFile();
  try {
    writeFileSync(fd, bytes);
    return opened(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}

function memoryFile(): number {
  const ffi = process.getBuiltinModule('node:ffi') as Ffi | undefined;
  if (ffi === undefined) throw new Error('this Node has no node:ffi');
  const prototype = { arguments: ['string', 'u32'], return: 'i32' };
  const { memfd_create: create } = ffi.dlopen(null, { memfd_create: prototype }).functions;
  const sealed = create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
  const fd = sealed >= 0 ? sealed : create(name, MFD_CLOEXEC);
  if (fd < 0) throw new Error('memfd_create(2) is refused');
  return fd;
}

function fromFile(place: string): (bytes: Buffer) => unknown {
  return (bytes) => {
    const directory = mkdtempSync(join(place, 'peerpid-'));
    try {
      const path = join(directory, name);
      writeFileSync(path, bytes, { mode: 0o700 });
      return opened(path);
    } finally {
      rmSync(directory, { recursive: true });
    }
  };
}

function opened(path: string): unknown {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports;
}

export default load();
