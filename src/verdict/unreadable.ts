import type { ProcAny } from '../identity/proc-facts.js';
import type { ProcessFacts } from '../identity/process-facts.js';
import { capitalised } from '../words/capitalised.js';
import { errorCodeOf } from '../words/reading.js';
import { type Finding, finding } from './finding.js';

/**
 * The finding about a process of which the command line, or all that takes the right to trace it, did not come in time.
 *
 * @param who - names the process; by default the peer, `it`
 */
export function unreadable(facts: ProcessFacts<ProcAny> | undefined, who = 'it'): Finding[] {
  const stat = facts?.proc?.stat;
  if (stat !== undefined && errorCodeOf(stat) === 'ETIMEDOUT') {
    const text = `${capitalised(who)} sleeps in the middle of execve(2) and holds its exec_update_lock, so most of what /proc shows of it is not known. ps(1) and whatever else reads that may hang forever.`;
    return [finding('unreadable', 'warning', text)];
  }
  const commandLine = facts?.proc?.commandLine;
  if (commandLine === undefined || errorCodeOf(commandLine) !== 'ETIMEDOUT') return [];
  const text = `${capitalised(who)} keeps its command line from being read: it holds its memory map locked, or its arguments are in memory that does not arrive, unless this machine is just too busy. ps(1) and whatever else reads it may hang forever.`;
  return [finding('unreadable', 'warning', text)];
}
