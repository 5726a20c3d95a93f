import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { CpioWriter } from './cpio.js';

/** Where the package is in the machine. */
export const guestRoot = '/peerpid';

/** Adds the files and links of a directory. @param isWanted - of a file, by its path */
export function addTree(
  archive: CpioWriter,
  from: string,
  to: string,
  isWanted: (path: string) => boolean = () => true,
): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [path, place] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) addTree(archive, path, place, isWanted);
    else if (entry.isSymbolicLink()) archive.symlink(place, readlinkSync(path));
    else if (isWanted(path)) archive.copy(path, place, statSync(path).mode);
  }
}
