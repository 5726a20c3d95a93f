/** Access control lists, which let in or keep out more than a file's mode tells. acl(5) */
import type { Fd } from './fd.js';
import { getxattr } from './libc.js';
import { check, failedWith } from './syscall-error.js';

/** One entry. Ids are of our user namespace; one that is not mapped there is 4294967295. */
export interface AccessEntry {
  readonly tag: 'owner' | 'user' | 'owning-group' | 'group' | 'mask' | 'others';
  /** Of a named user or group. */
  readonly id?: number;
  /** rwx as three bits. */
  readonly permissions: number;
}

// <linux/posix_acl.h>, ACL_*
const tags: Readonly<Record<number, AccessEntry['tag']>> = {
  0x01: 'owner',
  0x02: 'user',
  0x04: 'owning-group',
  0x08: 'group',
  0x10: 'mask',
  0x20: 'others',
};
const named: readonly AccessEntry['tag'][] = ['user', 'group'];

const attribute = Buffer.from('system.posix_acl_access\0');
/** XATTR_SIZE_MAX. <linux/limits.h> */
const answer = Buffer.alloc(65536);
const [headerSize, entrySize] = [4, 8] as const;

/**
 * The entries of a file's access control list, none where it has no list. Its file system is asked: see isLocal() of mount.ts.
 *
 * @param file - may be of O_PATH, as it is asked through /proc
 * @throws SyscallError ENOENT without /proc
 */
export function accessListOf(file: Fd): readonly AccessEntry[] {
  const path = `/proc/self/fd/${file.number}`;
  try {
    const size = check(
      getxattr(Buffer.from(`${path}\0`), attribute, answer, answer.length),
      'getxattr(system.posix_acl_access)',
      path,
    );
    return parseAccessList(answer.subarray(0, size));
  } catch (error) {
    // Neither this file nor this file system has any
    if (failedWith(error, 'ENODATA', 'EOPNOTSUPP')) return [];
    throw error;
  }
}

/** struct posix_acl_xattr_header, and entries. <linux/posix_acl_xattr.h> */
export function parseAccessList(bytes: Buffer): AccessEntry[] {
  const entries: AccessEntry[] = [];
  for (let at = headerSize; at + entrySize <= bytes.length; at += entrySize) {
    const tag = tags[bytes.readUInt16LE(at)];
    if (tag === undefined) continue;
    const permissions = bytes.readUInt16LE(at + 2) & 7;
    entries.push({ tag, permissions, ...(named.includes(tag) ? { id: bytes.readUInt32LE(at + 4) } : {}) });
  }
  return entries;
}
