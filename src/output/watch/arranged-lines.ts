import { type Connection, deceivesSomebody } from '../../connections/connections.js';
import { containsWord } from '../../connections/criteria.js';
import type { MarkedConnection } from '../../connections/marked-connections.js';
import type { Selection } from '../../connections/selection.js';
import { parseSort } from '../scan/chosen-columns.js';
import { namespaceNames } from '../scan/scan-columns.js';

/** What of the lines the user wants to see. */
export interface Browsing {
  /** The first line that is shown, from 0. */
  readonly top: number;
  /** What has to occur in the address, the program, the user, the unit or the container of either end; empty for all. */
  readonly filter: string;
  /** Whether keys are characters of the filter. */
  readonly isTyping: boolean;
  /** The name of the column by which lines are sorted; undefined for the order that they come in. */
  readonly sortedBy: string | undefined;
  readonly backwards: boolean;
  /** Whether what the keys do is shown in place of the lines. */
  readonly isHelp: boolean;
}

/** Which lines are shown, and in which order. */
export interface Arrangement extends Pick<Browsing, 'filter' | 'sortedBy' | 'backwards'> {
  /** Whether the order that they come in was asked for. */
  readonly isSorted: boolean;
}

/** Lines as the user wants them: without any wish what deceives somebody first, then sockets with a name, then the rest. */
export function arrangedLines(
  lines: readonly MarkedConnection[],
  { document, facts }: Pick<Selection, 'document' | 'facts'>,
  { filter, sortedBy, backwards, isSorted }: Arrangement,
): readonly MarkedConnection[] {
  const matches = containsWord(filter);
  const chosen = filter === '' ? lines : lines.filter(({ connection }) => matches(connection, facts));
  if (sortedBy === undefined) {
    const ordered = isSorted ? chosen : namedFirst(chosen);
    return backwards ? ordered.toReversed() : ordered;
  }
  const sort = parseSort(backwards ? `-${sortedBy}` : sortedBy);
  const context = { namespaces: namespaceNames(document.networkNamespaces), facts };
  const byConnection = new Map(chosen.map((line) => [line.connection, line]));
  const sorted = sort([...byConnection.keys()], context).flatMap((connection) => byConnection.get(connection) ?? []);
  return sortedBy === 'address' ? firstThose(sorted, ({ connection }) => isNamed(connection)) : sorted;
}

function namedFirst(lines: readonly MarkedConnection[]): MarkedConnection[] {
  const named = firstThose(lines, ({ connection }) => isNamed(connection));
  return firstThose(named, ({ connection }) => deceivesSomebody(connection));
}

/** First those of which something is so. */
function firstThose(lines: readonly MarkedConnection[], isSo: (line: MarkedConnection) => boolean): MarkedConnection[] {
  return [...lines.filter(isSo), ...lines.filter((line) => !isSo(line))];
}

function isNamed({ service, client }: Connection): boolean {
  return (service?.address ?? client?.address ?? client?.peerAddress) !== undefined;
}
