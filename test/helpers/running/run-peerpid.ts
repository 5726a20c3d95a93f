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
  /** In a {@link Room} has `scan` look into other network namespaces as well: its standard streams are of the tests' own. */
  readonly everywhere?: boolean;
}

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Running = ChildProcessByStdio<Writable, Readable, Readable>;

/** Has `scan` stay in the network namespace of a {@link Room} that it runs in, of which alone the tests there tell. */
export function within(args: readonly string[], wrapper: readonly string[]): readonly string[] {
  const isInside = wrapper.includes('nsenter') && wrapper.includes('--net');
  return args[0] === 'scan' && isInside ? ['scan', '--own-namespace', ...args.slice(1)] : args;
}

/** Starts peerpid as a user does: the program itself, with its arguments. */
export function startPeerpid(
  args: readonly string[],
  { wrapper = [], env, cwd, everywhere = false }: RunOptions = {},
): Running {
  const [command = '', ...rest] = [
    ...wrapper,
    process.execPath,
    peerpid,
    ...(everywhere ? args : within(args, wrapper)),
  ];
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
