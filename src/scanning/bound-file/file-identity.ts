/** Whether a file is the one that a socket is bound to. */
import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { readProc } from '../../../native-probe/proc/read.js';
import { boundFileOf, type OpenedFile } from '../../../native-probe/siocunixfile.js';
import { askHeldSocket, type HeldBy } from '../../socket/held-socket.js';
import { isBoundTo } from '../../socket/opening/find-socket.js';
import { reading, type Reading, valueOf } from '../../words/reading.js';
import type { Seen } from './path-view.js';

/** Tells whether a file that was seen is the one that the socket is bound to. */
export type Recognise = (seen: Seen) => boolean;

/** By the file that the kernel itself has open for the socket: it has stat(2)'s numbers, with all 64 bits. */
export function exactly(original: OpenedFile): Recognise {
  return ({ file }) => file.inode === original.inode && file.device === original.device;
}

/**
 * By the numbers of UNIX_DIAG_VFS: 32 bits of the inode number, and the device of
 * the superblock. Seen on Linux 6.18: on ext4, tmpfs, their bind
 * mounts and an overlay of layers of one file system, stat(2) tells the same
 * device. On an overlay of layers of several (without xino) it told 0:44 where
 * the list had 0:43, on btrfs the subvolume's 0:42 where the list had 0:40; the
 * inode number was the same everywhere, also after rename(2). In mountinfo it is
 * the superblock's device on all of them. Two subvolumes of one btrfs may both have
 * the numbers: then another file may pass for the bound one, but never the other way.
 */
export function byNumbers(socket: DiagSocket): Recognise {
  return (seen) =>
    isBoundTo(socket, socket.address, seen.file) ||
    (seen.file.isSocket &&
      socket.file?.inode === (seen.file.inode & 0xffffffffn) &&
      socket.file.device === superblockOf(seen));
}

/** The device of the file system that a file was seen on, as /proc/PID/mountinfo has it. */
function superblockOf({ view, file }: Seen): number | undefined {
  const mounts = reading(() => readProc(`/proc/${view.process}/mountinfo`).toString('latin1'));
  const device = new RegExp(`^${file.mount} \\d+ (\\d+):(\\d+) `, 'm').exec(valueOf(mounts) ?? '');
  if (device === null) return undefined;
  const [, major, minor] = device.map(Number);
  return (((major ?? 0) << 20) | (minor ?? 0)) >>> 0;
}

/** The kernel's own file of a socket, asked by SIOCUNIXFILE on a duplicate, which is closed at once. */
export function originalOf(socket: DiagSocket, holders: readonly HeldBy[]): Reading<OpenedFile> {
  return askHeldSocket(socket.inode, holders, boundFileOf);
}
