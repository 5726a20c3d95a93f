import type { Holder } from '../../native-probe/proc/socket-holders.js';
import { textOf } from '../words/text.js';

/** A process as a finding names it: `42 (nginx)`. */
export function briefProcess({ pid, comm }: Pick<Holder, 'pid' | 'comm'>): string {
  return `${pid} (${textOf(comm)})`;
}

/** The most that a sentence names. */
export const mostInSentence = 5;

/** `process 42 (nginx)`, `processes 42 (nginx), 43 (nginx) and 7 more`. Undefined when there is none. */
export function processListText(processes: readonly Pick<Holder, 'pid' | 'comm'>[]): string | undefined {
  if (processes.length === 0) return undefined;
  return `${processes.length === 1 ? 'process' : 'processes'} ${someOf(processes.map(briefProcess))}`;
}

/** The first few, and how many there are besides. */
export function someOf(names: readonly string[]): string {
  const named = names.slice(0, mostInSentence);
  const more = names.length - named.length;
  const last = more > 0 ? `${more} more` : named.length > 1 ? named.pop() : undefined;
  return last === undefined ? named.join('') : `${named.join(', ')} and ${last}`;
}
