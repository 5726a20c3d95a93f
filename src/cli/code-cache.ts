/**
 * What V8 made of the bundle when it was built: to compile a megabyte at each start takes longer than all that peerpid
 * does. scripts/code-cache.js writes it.
 */
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';

import { nodeFailedWith } from '../../native-probe/syscall-error.js';

/** Bytes before what V8 made: a checksum of that and of the source. V8 itself looks at lengths alone, and crashes where a byte is another. */
export const checksumSize = 4;

/** Where the cache of a bundle for this V8 lies. Another release makes nothing of it. */
export function codeCachePath(bundle: string): string {
  return join(dirname(bundle), `${basename(bundle, '.cjs')}-${process.versions.v8}-${process.arch}.cache`);
}

/** What the first bytes of a cache say. */
export function codeChecksum(source: Buffer, code: Buffer): number {
  return crc32(code, crc32(source));
}

/**
 * The source of a bundle, and its cache: code as well, so it is taken only from whom the source was taken.
 *
 * @throws Error as open(2) and read(2) of the source
 */
export function readWithCache(bundle: string): { readonly source: Buffer; readonly code: Buffer | undefined } {
  const [source, owner] = readWhole(bundle);
  try {
    const [cache, other] = readWhole(codeCachePath(bundle));
    const code = cache.subarray(checksumSize);
    const isTrusted = other.uid === owner.uid && other.gid === owner.gid && other.mode === owner.mode;
    const isWhole = isTrusted && code.length > 0 && cache.readUInt32LE(0) === codeChecksum(source, code);
    return { source, code: isWhole ? code : undefined };
  } catch (error) {
    // It only saves time
    if (!nodeFailedWith(error)) throw error;
    return { source, code: undefined };
  }
}

function readWhole(path: string): [Buffer, Stats] {
  const fd = openSync(path, 'r');
  try {
    return [readFileSync(fd), fstatSync(fd)];
  } finally {
    closeSync(fd);
  }
}
