import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';

import { runPeerpid } from '../running/run-peerpid.js';
import { TemporaryDirectory } from './temporary.js';

/** What a peerpid printed whose system calls strace(1) watched, or answered in the kernel's place. */
export interface TracedOutcome {
  /** What all threads did, as strace(1) wrote it: names of users are asked for by a thread of their own. */
  readonly trace: string;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Each call, in order, as `name(arguments) = answer`. */
  readonly calls: readonly string[];
}

/**
 * One kind of call that is answered by strace: `[name, what its line must
 * match, answer]`; with `onwards`, every later call of that name too, since a
 * program that is refused may ask more often.
 */
export type Fault = readonly [call: string, matching: RegExp, answer: string, extent?: 'onwards'];

/** Wraps a command in strace; its injections are as in strace(1), such as `poll:error=EINTR:when=2`. */
function strace(output: string, calls: readonly string[], injections: readonly string[]): string[] {
  const options = injections.flatMap((injection) => ['-e', `inject=${injection}`]);

  return ['strace', '-f', '-qq', '-o', output, '-e', `trace=${calls.join(',')}`, ...options];
}

export interface TraceOptions {
  /** A command that runs strace, such as one that enters a namespace. */
  readonly wrapper?: readonly string[];
}

/** Runs peerpid with some of its calls injected. */
export async function runInjected(
  args: readonly string[],
  calls: readonly string[],
  injections: readonly string[],
  { wrapper = [] }: TraceOptions = {},
): Promise<TracedOutcome> {
  using directory = new TemporaryDirectory();
  // The wrapper may make it another user
  chmodSync(directory.path, 0o777);
  const output = directory.file('trace');
  const run = await runPeerpid(args, { wrapper: [...wrapper, ...strace(output, calls, injections)] });
  const trace = readFileSync(output, 'latin1');
  return { ...run, trace, calls: callsOfMainThread(trace) };
}

/**
 * Runs peerpid with calls answered by strace: each that matches, where they
 * are evenly spaced, from the first on. Which these are is seen in a run
 * before, that has the faults before it only.
 *
 * The calls of two runs may differ, since one more process makes one more
 * call: when an answer met another call than it was meant for, all is done again.
 */
export async function runWithFaults(
  args: readonly string[],
  faults: readonly Fault[],
  options: TraceOptions = {},
): Promise<TracedOutcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryWithFaults(args, faults, options);
    const missed = faults.filter((fault) => !hasLanded(fault, outcome.calls));
    if (missed.length === 0) return outcome;
    if (attempt === 12) {
      const names = missed.map(([name]) => name);
      const made = outcome.calls.filter((call) => names.some((name) => call.startsWith(`${name}(`)));
      throw new Error(`these faults met other calls: ${missed.join('; ')}\n${made.slice(0, 100).join('\n')}`);
    }
  }
}

/** Whether strace answered the first call that was meant, and none of that name that was not. */
export function hasLanded([name, matching, , extent]: Fault, calls: readonly string[]): boolean {
  const made = calls.filter((call) => call.startsWith(`${name}(`));
  const injected = made.filter((call) => call.includes('(INJECTED'));
  const first = made.find((call) => matching.test(call));
  if (first === undefined || !injected.includes(first)) return false;
  return extent === 'onwards' || injected.every((call) => matching.test(call));
}

async function tryWithFaults(
  args: readonly string[],
  faults: readonly Fault[],
  options: TraceOptions,
): Promise<TracedOutcome> {
  const names = [...new Set(faults.map(([call]) => call))];
  const injections: string[] = [];
  for (const [name, matching, answer, extent] of faults) {
    const { calls } = await runInjected(args, names, injections, options);
    const places = placesOf(calls, name, matching);
    injections.push(`${name}:${answer}:when=${extent === 'onwards' ? `${places[0] ?? 0}+` : whenOf(places)}`);
  }
  return runInjected(args, names, injections, options);
}

/** `first..last+step` of strace(1). */
export function whenOf(places: readonly number[]): string {
  const [first, second] = places;
  if (first === undefined) throw new Error('no such call was made');
  const step = (second ?? first + 1) - first;
  const end = places.findIndex((place, index) => place !== first + index * step);
  return `${first}..${places.at(end < 0 ? -1 : end - 1) ?? first}+${step}`;
}

/** Which of all the calls of this name match: the first is 1. */
export function placesOf(calls: readonly string[], name: string, matching: RegExp): number[] {
  return calls
    .filter((call) => call.startsWith(`${name}(`))
    .flatMap((call, index) => (matching.test(call) ? [index + 1] : []));
}

/**
 * The calls of the first thread in the trace, since strace counts each
 * thread's for itself. A call that another thread's came in between is put
 * together again.
 */
function callsOfMainThread(trace: string): string[] {
  const lines = trace.split('\n').flatMap((line) => {
    const [, thread, text] = /^(\d+) +(.*)$/.exec(line) ?? [];
    return thread === undefined || text === undefined ? [] : [{ thread, text }];
  });
  const main = lines.find(({ text }) => /^\w+\(/.test(text))?.thread;
  const calls: string[] = [];
  for (const { thread, text } of lines) {
    if (thread !== main) continue;
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    if (resumed === undefined) {
      if (/^\w+\(/.test(text)) calls.push(text);
    } else calls.push(`${calls.pop()?.replace(/ *<unfinished \.\.\.>$/, '') ?? ''}${resumed}`);
  }
  return calls;
}

/** Why no process can be traced here, such as in a container without CAP_SYS_PTRACE; undefined when one can. */
export function whyNoStrace(): string | undefined {
  try {
    execFileSync('strace', ['-qq', '-o', '/dev/null', '-e', 'trace=none', process.execPath, '--version']);
    return undefined;
  } catch (error) {
    return String(error);
  }
}
