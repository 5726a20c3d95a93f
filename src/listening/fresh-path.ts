import { accessSync, constants, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { asSyscall, type LeftBehind, SyscallError } from '../../native-probe/syscall-error.js';
import { environment } from '../words/environment.js';
import { Problem } from '../words/problem.js';
import { reading } from '../words/reading.js';
import { escapedName } from '../words/text.js';

/** A path that nobody else uses, and what was made for it. */
export interface FreshPath extends Disposable {
  readonly path: Buffer;
}

/**
 * A path for a socket in the runtime directory: XDG_RUNTIME_DIR, or /run for
 * root; where neither may be written, in a directory of its own for temporary files.
 *
 * @param left - called at the end if the directory cannot be removed
 * @throws Problem when none of them may be written
 */
export function freshPath(left: LeftBehind): FreshPath {
  const directory = [environment('XDG_RUNTIME_DIR'), '/run'].find(mayWrite);
  const name = `peerpid-${process.pid}.sock`;
  if (directory !== undefined) {
    return { path: Buffer.from(join(directory, name)), [Symbol.dispose]: () => undefined };
  }
  const made = newDirectory();
  return {
    path: Buffer.from(join(made, name)),
    [Symbol.dispose]: () => {
      try {
        asSyscall(made, () => {
          rmdirSync(made);
        });
      } catch (error) {
        if (!(error instanceof SyscallError)) throw error;
        if (error.code !== 'ENOENT') left(error);
      }
    },
  };
}

function newDirectory(): string {
  try {
    return asSyscall(tmpdir(), () => mkdtempSync(join(tmpdir(), 'peerpid-')));
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    throw new Problem(
      error.code,
      `there is nowhere to make a socket: not in $XDG_RUNTIME_DIR, in /run or in ${escapedName(Buffer.from(tmpdir()))} (${error.code})`,
      'Give a path in a directory of your own, or a name without a file, such as @probe.',
    );
  }
}

function mayWrite(directory: string | undefined): boolean {
  if (directory === undefined) return false;
  const may = reading(() => {
    asSyscall(directory, () => {
      accessSync(directory, constants.W_OK | constants.X_OK);
    });
  });
  return 'value' in may;
}
