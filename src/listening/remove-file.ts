import { constants, linkSync, renameSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { callAtPath } from '../../native-probe/calls/path-call.js';
import { openPath, statusOf } from '../../native-probe/paths.js';
import { asSyscall } from '../../native-probe/syscall-error.js';
import { Problem } from '../words/problem.js';
import { reading } from '../words/reading.js';
import { escapedName } from '../words/text.js';
import { unguessableName } from '../words/unguessable-name.js';

/** What tells one file from another, for as long as it is there. */
export interface FileNumbers {
  readonly inode: bigint;
  readonly device: bigint;
}

/**
 * Removes a file if it is the one that was looked at. The path may be another file's from one moment to the next: so it
 * is renamed to a name that nobody knows, looked at under that, and put back if it is another's.
 *
 * @param was - the numbers of the file that was looked at, which is open, so that no other file can have them
 * @throws Problem where it is another's by now; SyscallError as rename(2) and unlink(2), or ETIMEDOUT where the file
 * system does not answer in time
 */
export function removeFile(path: Buffer, was: FileNumbers): void {
  const subject = escapedName(path);
  const directory = dirname(path.toString('latin1'));
  const aside = Buffer.from(join(directory, unguessableName()), 'latin1');
  onPaths('rename', renameSync, path, aside, subject);
  if (isFileAt(aside, was, subject)) unlink(aside, subject);
  else putBack(aside, path, subject);
}

/** Whether a path leads to a file itself, and not by a link. @throws SyscallError as lstat(2), or ETIMEDOUT */
export function isFileAt(path: Buffer, { inode, device }: FileNumbers, subject: string): boolean {
  using file = openPath(path, subject, undefined, constants.O_NOFOLLOW);
  const status = statusOf(file);
  return status.inode === inode && status.device === device;
}

/** unlink(2). @throws SyscallError as unlink(2), or ETIMEDOUT where the file system does not answer in time */
export function unlink(path: Buffer, subject: string): void {
  callAtPath({
    subject,
    call: ['unlink', terminated(path)],
    direct: () => {
      asSyscall(subject, () => {
        unlinkSync(path);
      });
    },
  });
}

function putBack(aside: Buffer, path: Buffer, subject: string): never {
  const back = reading(() => {
    // Unlike rename(2) it replaces nothing that came meanwhile
    onPaths('link', linkSync, aside, path, subject);
    unlink(aside, subject);
  });
  const where = 'error' in back ? `it is ${escapedName(aside)} now (${back.error.code})` : 'it is where it was';
  throw new Problem(
    'EEXIST',
    `${subject} turned into another file while peerpid was about to remove it: ${where}`,
    'Another program uses the path: give another one.',
  );
}

function onPaths(
  name: 'rename' | 'link',
  direct: (from: Buffer, to: Buffer) => void,
  from: Buffer,
  to: Buffer,
  subject: string,
): void {
  callAtPath({
    subject,
    call: [name, terminated(from), terminated(to)],
    direct: () => {
      asSyscall(subject, () => {
        direct(from, to);
      });
    },
  });
}

function terminated(path: Buffer): Buffer {
  return Buffer.concat([path, Buffer.alloc(1)]);
}
