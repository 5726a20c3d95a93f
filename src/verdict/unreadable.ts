import type { ProcAny } from '../identity/proc-facts.js';
import type { ProcessFacts } from '../identity/process-facts.js';
import { capitalised } from '../words/capitalised.js';
import { errorCodeOf } from '../words/reading.js';
import { type Finding, finding } from './finding.js';

/**
 * The finding about a process whose command line did not come in time. Taking it is what waits.
 *
 * @param who - names the process; by default the peer, `it`
 */
export function unreadable(facts: ProcessFacts<ProcAny> | undefined, who = 'it'): Finding[] {
  const commandLine = facts?.proc?.commandLine;
  if (commandLine === undefined || errorCodeOf(commandLine) !== 'ETIMEDOUT') return [];
  const text = `${capitalised(who)} does not let its command line be read: it holds its memory map locked, or keeps the memory of its arguments from coming. ps(1) and whoever else reads it may wait for ever.`;
  return [finding('unreadable', 'warning', text)];
}
