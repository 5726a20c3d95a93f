import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { asSyscall } from '../../native-probe/syscall-error.js';
import { Problem } from '../words/problem.js';
import { reading } from '../words/reading.js';
import { escapedName } from '../words/text.js';

/**
 * Removes a file if it is the one that was looked at. The path may be another file's from one moment to the next: so it
 * is renamed to a name that nobody knows, looked at under that, and put back if it is another's.
 *
 * @param was - the numbers of the file that was looked at, which is open, so that no other file can have them
 * @throws Problem where it is another's by now; SyscallError as rename(2) and unlink(2)
 */
export function removeFile(path: Buffer, was: { readonly inode: bigint; readonly device: bigint }): void {
  const subject = escapedName(path);
  const directory = dirname(path.toString('latin1'));
  const aside = Buffer.from(join(directory, `.peerpid-${randomBytes(6).toString('hex')}`), 'latin1');
  asSyscall(subject, () => {
    renameSync(path, aside);
    const { ino, dev } = lstatSync(aside, { bigint: true });
    if (ino === was.inode && dev === was.device) {
      unlinkSync(aside);
      return;
    }
    putBack(aside, path, subject);
  });
}

function putBack(aside: Buffer, path: Buffer, subject: string): never {
  const back = reading(() => {
    asSyscall(subject, () => {
      // Unlike rename(2) it replaces nothing that came meanwhile
      linkSync(aside, path);
      unlinkSync(aside);
    });
  });
  const where = 'error' in back ? `it is ${escapedName(aside)} now (${back.error.code})` : 'it is where it was';
  throw new Problem(
    'EEXIST',
    `${subject} became another file while it was to be removed: ${where}`,
    'Another program uses the path: give another one.',
  );
}
