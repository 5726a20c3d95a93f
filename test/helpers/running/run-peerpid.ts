import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { assertOutput } from './json-schema.js';
import { programRoot } from './program-root.js';

export const peerpid = join(programRoot, 'bin/run.cjs');

export interface RunOptions {
  /** A command that runs peerpid, such as `['setpriv', '--reuid', '65534', …]`. */
  readonly wrapper?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Running = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts peerpid as a user does: the program itself, with its arguments. */
export function startPeerpid(args: readonly string[], { wrapper = [], env, cwd }: RunOptions = {}): Running {
  const [command = '', ...rest] = [...wrapper, process.execPath, peerpid, ...args];
  return spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '', ...env }, cwd });
}

/** Runs peerpid to its end. */
export async function runPeerpid(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return outcomeOf(startPeerpid(args, options));
}

/** Waits for the end of a peerpid that was started. With `--json` its output must be as the JSON Schema says. */
export async function outcomeOf(child: Running): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end();
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const program = child.spawnargs.indexOf(peerpid);
  if (program >= 0) assertOutput(child.spawnargs.slice(program + 1), stdout, signal === null);
  return { status, signal, stdout, stderr };
}
