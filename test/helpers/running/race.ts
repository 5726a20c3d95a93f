import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

import type { Count, MethodId, RaceDocument } from '../../../src/document/race-document.js';
import { isRoot } from '../machine/requirements.js';
import { type Outcome, type RunOptions, runPeerpid } from './run-peerpid.js';

/** Runs `peerpid race --json`. */
export async function race(
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ readonly document: RaceDocument; readonly outcome: Outcome }> {
  const outcome = await runPeerpid(['race', '--json', ...args], options);
  return { document: JSON.parse(outcome.stdout) as RaceDocument, outcome };
}

export function countsOf({ methods }: RaceDocument, wanted: MethodId): { inTime: Count; tooLate: Count } {
  const found = methods.find(({ id }) => id === wanted);
  if (found === undefined) throw new Error(`there is no method ${wanted}`);
  return { inTime: found.inTime, tooLate: found.tooLate };
}

/** Whether namespaces can be made here, by root or in a user namespace. */
export function mayRace(): boolean {
  const flags = ['--pid', '--mount', '--net', '--fork'];
  const possible = (more: readonly string[]): boolean => spawnSync('unshare', [...more, ...flags, 'true']).status === 0;
  return possible(['--user', '--map-root-user']) || (isRoot && possible([]));
}

/** The processes that have this in their environment, which children inherit, in whatever namespace they are. */
export function processesWith(environment: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && environmentOf(pid).includes(environment));
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // It has ended
    return '';
  }
}

/** The first process of the namespaces, among these. */
export function stageAmong(pids: readonly number[]): number | undefined {
  return pids.find((pid) => {
    try {
      const lines = readFileSync(`/proc/${pid}/status`, 'latin1');
      return /^NSpid:\t.*\t1$/m.test(lines);
    } catch {
      return false;
    }
  });
}
