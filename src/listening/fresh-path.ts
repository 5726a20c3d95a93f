import { accessSync, constants, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A path that nobody else uses, and what was made for it. */
export interface FreshPath extends Disposable {
  readonly path: Buffer;
}

/**
 * A path for a socket in the runtime directory: XDG_RUNTIME_DIR, or /run for
 * root; where neither may be written, in a directory of its own for temporary files.
 */
export function freshPath(): FreshPath {
  const directory = [process.env['XDG_RUNTIME_DIR'], '/run'].find(mayWrite);
  const name = `peerpid-${process.pid}.sock`;
  if (directory !== undefined) {
    return { path: Buffer.from(join(directory, name)), [Symbol.dispose]: () => undefined };
  }
  const made = mkdtempSync(join(tmpdir(), 'peerpid-'));
  return {
    path: Buffer.from(join(made, name)),
    [Symbol.dispose]: () => {
      rmdirSync(made);
    },
  };
}

function mayWrite(directory: string | undefined): boolean {
  if (directory === undefined || directory === '') return false;
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
