import type { ProcessFacts } from '../identity/process-facts.js';
import { capitalised } from '../words/capitalised.js';
import { valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { type Finding, finding } from './finding.js';
import { knownRelays } from './known-relays.js';

/**
 * The peer runs a program that speaks for others. By its file rather than its name, which every process chooses itself;
 * anybody may call a file so, too, so it is no more than something to know.
 *
 * @param who - the process, where it is not the peer for certain
 */
export function ofRelay({ pid, proc }: ProcessFacts, who: string | undefined): Finding[] {
  const executable = valueOf(proc?.executable);
  if (executable === undefined) return [];
  const path = textOf(executable.path);
  const reason = knownRelays.get(path.slice(path.lastIndexOf('/') + 1));
  if (reason === undefined) return [];
  const look = pid === undefined || pid === 0 ? '' : ` \`peerpid scan -a --pid ${pid}\` shows all its connections.`;
  const text = `${capitalised(who ?? 'it')} runs ${path}, ${reason}: it may speak for others, which the other end of this socket does not see.${look}`;
  return [finding('peer-is-relay', 'info', text)];
}
