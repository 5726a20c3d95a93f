/** What a table of descriptors has: the links in /proc/PID/fd, or in that of a thread. proc_pid_fd(5) */
import { constants } from 'node:os';

import { close, getdents64, openat, readlinkat } from '../libc.js';
import { goesOn } from '../going-on.js';
import { uapi } from '../uapi.js';

/** Inode numbers of sockets: a set of them, or a map that has them as its keys. */
export type Inodes = Pick<ReadonlySet<number>, 'has'>;

/** What was found in a table of descriptors. */
export interface Links {
  /** In turn the number of a descriptor and the inode number of the socket there. */
  readonly sockets: number[];
  /** The descriptors of io_uring(7) instances, which may have sockets registered that have no descriptor. */
  readonly rings: number[];
}

const { EACCES, EPERM } = constants.errno;

/** For directories below /proc. */
export const openDirectory = uapi.O_DIRECTORY | uapi.O_CLOEXEC;

const entries = Buffer.allocUnsafeSlow(32 * 1024);
const link = Buffer.allocUnsafeSlow(64);
const socketPrefix = 'socket:[';
const ringLink = Buffer.from('anon_inode:[io_uring]');

/**
 * Reads a table of descriptors.
 *
 * @param path - the table, from a directory on that is open
 * @param wanted - only these sockets count
 * @param most - descriptors beyond so many are not looked at
 * @returns how many descriptors there are, of whatever kind and up to one more than `most`; or a negated errno
 */
export function readLinks(
  directory: number,
  path: string,
  wanted: Inodes | undefined,
  { sockets, rings }: Links,
  most = Infinity,
): number {
  const table = openat(directory, Buffer.from(`${path}\0`), openDirectory);
  if (table < 0) return table;
  let descriptors = 0;
  try {
    for (;;) {
      goesOn();
      const length = getdents64(table, entries, entries.length);
      if (length <= 0) return length < 0 ? length : descriptors;
      for (let at = 0; at < length; at += entries.readUInt16LE(at + recordLength)) {
        const fd = numberAt(entries, at + recordName);
        if (fd === undefined) continue;
        if (++descriptors > most) return descriptors;
        const linked = readlinkat(table, entries.subarray(at + recordName), link, link.length);
        // Its user may see which descriptors there are, but not of what: proc_pid_fd(5). Others are closed meanwhile
        if (linked === -EACCES || linked === -EPERM) return linked;
        const inode = socketIn(linked);
        if (inode === 0) {
          if (isRing(linked)) rings.push(fd);
        } else if (wanted?.has(inode) !== false) sockets.push(fd, inode);
      }
    }
  } finally {
    close(table);
  }
}

/** Whether the link at this path is that of the socket, or with 'io_uring' of an instance of it. */
export function linksTo(directory: number, path: string, what: number | 'io_uring'): boolean {
  goesOn();
  const length = readlinkat(directory, Buffer.from(`${path}\0`), link, link.length);
  return what === 'io_uring' ? isRing(length) : what !== 0 && socketIn(length) === what;
}

// struct linux_dirent64. getdents(2)
const recordLength = 16;
const recordName = 19;

/** The inode number in the link that was read last: 0 for what is no socket. */
function socketIn(length: number): number {
  // `s` and, at 6, `:`: no other link has both, since these are paths, `pipe:[`, `anon_inode:` …
  if (length <= socketPrefix.length || link[0] !== 0x73 || link[6] !== 0x3a) return 0;
  return numberAt(link, socketPrefix.length) ?? 0;
}

function isRing(length: number): boolean {
  return length === ringLink.length && link.compare(ringLink, 0, length, 0, length) === 0;
}

/** The decimal number that starts at an offset; undefined for none. */
function numberAt(bytes: Buffer, start: number): number | undefined {
  let number = 0;
  let at = start;
  for (let digit = (bytes[at] ?? 0) - 0x30; digit >= 0 && digit <= 9; digit = (bytes[++at] ?? 0) - 0x30) {
    number = 10 * number + digit;
  }
  return at === start ? undefined : number;
}
