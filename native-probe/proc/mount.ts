/** The mount that an open file is on, without a question to its file system. proc_pid_mountinfo(5), proc_pid_fdinfo(5) */
import type { Fd } from '../fd.js';
import { uniqueMountOf } from '../paths.js';
import { readProc } from './read.js';

/** One line of mountinfo. */
export interface Mount {
  /** Such as `ext4`, `overlay` or `fuse.sshfs`. */
  readonly type: string;
  /** What of the file system is mounted; where that has no name any more, with `//deleted` at its end. */
  readonly root: Buffer;
  /** Whether it shows and checks other ids than the file system has. mount_setattr(2), MOUNT_ATTR_IDMAP */
  readonly isIdmapped: boolean;
}

/** A process in whose mount namespace an open file may be. */
export type InWhose = number | 'self';

/**
 * The mount of an open file.
 *
 * @param whose - in whose mountinfo it is looked for; as the file is open, no other mount has its number
 * @returns undefined where mountinfo does not have it: it was unmounted, or is of another mount namespace
 * @throws SyscallError ENOENT without /proc, or where that process has ended
 */
export function mountOf(file: Fd, whose: InWhose = 'self'): Mount | undefined {
  const info = readProc(`/proc/self/fdinfo/${file.number}`).toString('latin1');
  const number = /^mnt_id:\s*(\d+)$/m.exec(info)?.[1];
  if (number === undefined) return undefined;
  const line = readProc(`/proc/${whose}/mountinfo`)
    .toString('latin1')
    .split('\n')
    .find((mount) => mount.startsWith(`${number} `));
  const found = /^\d+ \d+ \d+:\d+ (\S+) \S+ (\S+) .*- (\S+) /.exec(line ?? '');
  const [, root = '', options = '', type = ''] = found ?? [];
  if (found === null) return undefined;
  const isIdmapped = options.split(',').includes('idmapped');
  return { type, root: Buffer.from(unescapedField(root), 'latin1'), isIdmapped };
}

/** File systems that answer from what this kernel has: nobody else is asked about their files, modes and lists. */
const local =
  /^(?:tmpfs|ramfs|devtmpfs|rootfs|ext[234]|xfs|btrfs|bcachefs|f2fs|zfs|jfs|reiserfs|overlay|squashfs|erofs|vfat|proc|sysfs)$/;

/** Whether a file system of this type is one of those. */
export function isLocalType(type: string): boolean {
  return local.test(type);
}

/** What of a mount decides who is let in. */
interface MountAccess {
  readonly isLocal: boolean;
  readonly isIdmapped: boolean;
}

/** What is known of mounts, by the numbers that no other ones get: thousands of sockets' files are on a few. */
const known = new Map<bigint, MountAccess>();
const mostKnown = 4096;

/** Mounts that are not in the mountinfo of whom they were looked for, such as those of containers in ours: a mount is of one namespace for good. */
const missing = new Set<string>();

/**
 * What of an open file's mount decides who is let in; undefined where its mount is not known.
 *
 * @param whose - as of {@link mountOf}
 * @throws SyscallError as {@link mountOf}
 */
function accessOf(file: Fd, whose: InWhose): MountAccess | undefined {
  const mount = uniqueMountOf(file);
  const before = mount === undefined ? undefined : known.get(mount);
  if (before !== undefined) return before;
  const place = mount === undefined ? undefined : `${mount} ${whose}`;
  if (place !== undefined && missing.has(place)) return undefined;
  const found = mountOf(file, whose);
  if (found === undefined) {
    if (place !== undefined && missing.size < mostKnown) missing.add(place);
    return undefined;
  }
  const access = { isLocal: isLocalType(found.type), isIdmapped: found.isIdmapped };
  if (mount !== undefined && known.size < mostKnown) known.set(mount, access);
  return access;
}

/**
 * Whether a question about an open file waits for no other process and no other machine, and its mode and access control
 * list decide who is let in. Parameters and errors are those of {@link mountOf}.
 */
export function isLocal(file: Fd, whose: InWhose = 'self'): boolean | undefined {
  return accessOf(file, whose)?.isLocal;
}

/** Whether an open file's mount shows and checks other ids than its file system has. As {@link isLocal} otherwise. */
export function isIdmapped(file: Fd, whose: InWhose = 'self'): boolean | undefined {
  return accessOf(file, whose)?.isIdmapped;
}

/** A field of mountinfo: blanks, newlines and backslashes are three octal digits there. fs/proc_namespace.c, mangle() */
export function unescapedField(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
