import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a run of the program needs, besides Node. */
const parts = ['package.json', 'bin', 'build', 'dist', 'node_modules/koffi', 'node_modules/@koromix'];

/**
 * Where the program is to be run from: this checkout, or where other users may
 * not enter that (below /root, as in some CI) a copy of it, for the time of the tests.
 */
export const programRoot = enterable(fileURLToPath(new URL('../../../..', import.meta.url)));

/** The path of a compiled file, such as `test/helpers/programs/scan.js`, from which any user may run it. */
export function built(file: string): string {
  return join(programRoot, 'build', file);
}

/** The path of a file of the bundled command line. */
export function bundled(file: string): string {
  return join(programRoot, 'dist/cli', file);
}

function enterable(root: string): string {
  if (othersMayEnter(root)) return root;
  const copy = mkdtempSync(join(tmpdir(), 'peerpid-program-'));
  chmodSync(copy, 0o755);
  for (const part of parts) {
    const from = join(root, part);
    if (existsSync(from)) cpSync(from, join(copy, part), { recursive: true, dereference: true });
  }
  process.on('exit', () => {
    rmSync(copy, { recursive: true, force: true });
  });
  return copy;
}

function othersMayEnter(directory: string): boolean {
  if ((statSync(directory).mode & 0o001) === 0) return false;
  const parent = dirname(directory);
  return parent === directory || othersMayEnter(parent);
}
