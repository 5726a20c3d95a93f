/** What is in a directory, whose file system may not answer. getdents64(2) */
import { askChild } from './calls/asking-child.js';
import { openInChild } from './calls/opening-child.js';
import type { Fd } from './fd.js';
import { openHow } from './open-how.js';
import { statusOf } from './paths.js';
import { silentMounts } from './silent-mounts.js';
import { failedWith, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';

/** Bytes of entries that one call gives, and how many calls are made. */
const [room, most] = [64 * 1024, 8] as const;

/** An entry as the directory tells it. */
export interface Entry {
  readonly name: Buffer;
  /** Undefined where the file system tells no types. */
  readonly isSocket: boolean | undefined;
}

/**
 * The entries of a directory, by a child that may be given up.
 *
 * @param directory - open with O_PATH
 * @param subject - what an error calls it
 * @returns some thousand entries, and whether these are all
 * @throws SyscallError EACCES; ETIMEDOUT or EBUSY where its file system does not answer in time
 */
export function entriesOf(directory: Fd, subject: string): { readonly entries: Entry[]; readonly isWhole: boolean } {
  const { mount } = statusOf(directory);
  silentMounts.require(subject, () => mount);
  try {
    return readEntries(directory, subject);
  } catch (error) {
    if (failedWith(error, 'ETIMEDOUT')) silentMounts.add(mount);
    throw error;
  }
}

function readEntries(directory: Fd, subject: string): { readonly entries: Entry[]; readonly isWhole: boolean } {
  using readable = openInChild(Buffer.from('.\0'), openHow(uapi.O_DIRECTORY, 0), subject, directory);
  const buffers = Array.from({ length: most }, () => Buffer.alloc(room));
  const { errno, answers } = askChild(
    {
      subject,
      descriptors: [readable],
      calls: buffers.map((buffer) => ['getdents64', 1, buffer, room]),
      answers: buffers,
    },
    isEnd,
  );
  if (errno !== 0) throw new SyscallError('getdents64', errno, subject);
  return { entries: answers.flatMap(parse), isWhole: answers.some(isEnd) };
}

/** Nothing was written into the buffer. */
function isEnd(entries: Buffer): boolean {
  return entries.readUInt16LE(reclenOffset) === 0;
}

// struct linux_dirent64
const [reclenOffset, typeOffset, nameOffset] = [16, 18, 19] as const;
const [DT_UNKNOWN, DT_SOCK] = [0, 12] as const; // <dirent.h>

function parse(bytes: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + nameOffset < bytes.length;) {
    const length = bytes.readUInt16LE(at + reclenOffset);
    if (length === 0) break;
    const type = bytes[at + typeOffset];
    const name = bytes.subarray(at + nameOffset, bytes.indexOf(0, at + nameOffset));
    entries.push({ name, isSocket: type === DT_UNKNOWN ? undefined : type === DT_SOCK });
    at += length;
  }
  return entries;
}
