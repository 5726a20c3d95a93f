import assert from 'node:assert/strict';

import { type Outcome, type RunOptions, runPeerpid } from './running/run-peerpid.js';

/** What a run that could not do its work is to tell. */
export interface ExpectedProblem {
  readonly status: number;
  readonly message: RegExp;
  readonly hint: RegExp;
}

/** One line of what happened and one hint, on standard error alone. */
export function assertProblemText(outcome: Outcome, { status, message, hint }: ExpectedProblem): void {
  const lines = /^peerpid: ([^\n]*)\n {2}hint: ([^\n]*)\n$/.exec(outcome.stderr);
  assert.ok(lines, `not a line and a hint: ${JSON.stringify(outcome.stderr)}`);
  assert.match(lines[1] ?? '', message);
  assert.match(lines[2] ?? '', hint);
  assert.doesNotMatch(lines[0], /bug in peerpid/);
  assert.equal(outcome.stdout, '');
  assert.equal(outcome.status, status);
}

/** The same as one JSON object, on standard output alone. */
export function assertProblemJson(outcome: Outcome, { status, message, hint }: ExpectedProblem): void {
  const lines = outcome.stdout.trimEnd().split('\n');
  assert.equal(lines.length, 1, outcome.stdout);
  const { error, ...rest } = JSON.parse(lines[0] ?? '') as { error: Record<'code' | 'message' | 'hint', string> };
  assert.deepEqual(rest, {});
  assert.deepEqual(Object.keys(error).sort(), ['code', 'hint', 'message']);
  assert.match(error.code, /^[A-Z][A-Z0-9_]*$/);
  assert.match(error.message, message);
  assert.match(error.hint, hint);
  assert.equal(outcome.stderr, '');
  assert.equal(outcome.status, status);
}

/** Runs peerpid for people and for programs: the same problem, the same exit status. */
export async function assertProblem(
  args: readonly string[],
  expected: ExpectedProblem,
  options: RunOptions = {},
): Promise<void> {
  const [text, json] = await Promise.all([
    runPeerpid(args, options),
    runPeerpid([...args.slice(0, 1), '--json', ...args.slice(1)], options),
  ]);
  assertProblemText(text, expected);
  assertProblemJson(json, expected);
}

const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;

/** Has peerpid get one more argument of any bytes, which Node's spawn cannot give. They must not end in a newline. */
export function withLastArgument(bytes: Buffer): RunOptions {
  return { wrapper: ['sh', '-c', `exec "$@" "$(printf '${[...bytes].map(octal).join('')}')"`, 'sh'] };
}

/** Runs peerpid as a user with these groups and no privileges; it takes root. */
export function asUser(uid: number, gid: number, groups: readonly number[] = []): RunOptions {
  const membership = groups.length === 0 ? ['--clear-groups'] : ['--groups', groups.join(',')];
  return { wrapper: ['setpriv', '--reuid', `${uid}`, '--regid', `${gid}`, ...membership] };
}
