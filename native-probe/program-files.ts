/**
 * The program's own files, by their paths: those of the package, or of a single executable what is within it, by the
 * paths in the package: https://nodejs.org/api/single-executable-applications.html
 */
import { readFileSync } from 'node:fs';
import { getAsset, isSea } from 'node:sea';

/** Whether there are no files, and all of the program is in one executable. */
export function isSingleExecutable(): boolean {
  return isSea();
}

/** The bytes of one. @throws Error as open(2) and read(2) */
export function readProgramFile(path: string): Buffer {
  return isSea() ? Buffer.from(getAsset(path)) : readFileSync(path);
}
