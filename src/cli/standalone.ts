/**
 * The single executable: bin/run.cjs where there are no files. scripts/package/executable.js has what is put into it, by the
 * paths of the package.
 */
import { writeFileSync } from 'node:fs';
import { getRawAsset } from 'node:sea';
import type { Script } from 'node:vm';

import { compile, runModule } from './load-bundle.js';
import { main } from './main.js';

/** As `race` starts its own program, which Node would run by itself: see src/racing/play.ts. It is small, and has no code cache. */
const stage = 'dist/cli/race-stage.cjs';

function load(path: string): unknown {
  return runModule(path, compiled(path), builtin as NodeJS.Require);
}

function compiled(path: string): Script {
  return compile(path, within(path), path === stage ? undefined : within(`${path}.cache`));
}

/** Not copied: it cannot be written to. */
function within(path: string): Buffer {
  return Buffer.from(getRawAsset(path) as ArrayBuffer);
}

/** All that the program needs is within: whatever lies beside the executable, or in the current directory, is not looked at. */
function builtin(id: string): object {
  const module = process.getBuiltinModule(id);
  if (module === undefined) throw new Error(`${id} is not within the executable`);
  return module;
}

/** Node names its first thread node-MainThread, which is what ps(1) and pgrep(1) have for the program. proc_pid_comm(5) */
function takeName(): void {
  try {
    writeFileSync('/proc/self/comm', 'peerpid');
  } catch (error) {
    // Without /proc it keeps that name
    if (!(error instanceof Error)) throw error;
  }
}

takeName();
if (process.argv[2] === stage) {
  // As Node has them for a program: itself, the program, and what that is given
  process.argv.splice(1, 1);
  load(stage);
} else if (process.argv[2] === '__code-cache') {
  // For who makes the executable
  process.stdout.write(
    compiled(`dist/cli/${process.argv[3] ?? ''}`).cachedDataRejected === false ? 'taken\n' : 'not taken\n',
  );
} else {
  void main('bin/run.cjs', load);
}
