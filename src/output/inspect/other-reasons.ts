import type { InspectDocument } from '../../document/inspect-document.js';
import { sanitise } from '../../words/sanitise.js';
import { credentialRows, detailRows, identityRows } from './process-rows.js';

/** By the field of the JSON, what the text calls it: of several rows of one field as the first of them. */
const labels: ReadonlyMap<string, string> = new Map([
  ...[...identityRows, ...credentialRows, ...detailRows.toReversed()].map(({ fact, label }) => [fact, label] as const),
  ['byPidfd', 'pidfd'],
  ['holders.cut', 'holders'],
  ['guardedBy', 'directories on the path'],
  ['bootId', 'boot id'],
  ['container.name', 'name of the container'],
]);

/** What the text calls a fact. @param fact - as in `unavailable` */
export function factLabel(fact: string): string {
  const name = fact.replace(/^(byPid|byPidfd|socket|credential)\./, '');
  return labels.get(name) ?? name;
}

/** Told where holders are, in the table, and by the state of a process that has ended. */
const toldElsewhere = new Set(['holders', 'holders.notSeen', 'byPid.pid', 'byPidfd.pid']);
const toldByCode = new Set(['EACCES', 'EPERM', 'ESRCH']);

/**
 * Why facts could not be had, those that have no cell in the table too, each reason once.
 *
 * @param said - the text so far: what stands in there is not said again
 */
export function otherReasons(
  { unavailable, text, verdict }: Pick<InspectDocument, 'unavailable' | 'text' | 'verdict'>,
  said: string,
): string[] {
  const facts = new Map<string, Set<string>>();
  for (const { fact, reason, code } of unavailable) {
    if (toldElsewhere.has(fact) || said.includes(sanitise(reason))) continue;
    // The verdict has said so
    if (code !== undefined && (toldByCode.has(code) || text.includes(code))) continue;
    if (verdict === 'none' && /^(credential|byPidfd)\b/.test(fact)) continue;
    facts.set(reason, (facts.get(reason) ?? new Set()).add(factLabel(fact)));
  }
  return [...facts].map(([reason, names]) => `${[...names].join(', ')}: ${reason}`);
}
