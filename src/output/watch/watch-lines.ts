import { isConnected } from '../../connections/connection-kinds.js';
import { type Connection, verdictOf } from '../../connections/connections.js';
import type { MarkedConnection } from '../../connections/marked-connections.js';
import { sanitise } from '../../words/sanitise.js';
import type { Style } from '../style.js';
import { timeOfDay } from '../time.js';
import { holdersInBrief } from '../who.js';
import { changesText } from './change-text.js';

/** What happened in a round: a line for each connection that it happened to. */
export function watchLines(time: string, lines: readonly MarkedConnection[], style: Style): string[] {
  return lines.flatMap(({ mark, connection, changes }) => {
    if (mark === undefined) return [];
    const what = changesText(changes);
    const text = `${timeOfDay(time)} ${mark} ${connectionText(connection)}${what === '' ? '' : `  (${what})`}`;
    return [paintMark(text, mark, style)];
  });
}

/** Colours a line by its mark, which says the same. */
export function paintMark(text: string, mark: MarkedConnection['mark'], { chalk }: Style): string {
  switch (mark) {
    case '+':
      return chalk.bold(text);
    case '-':
      return chalk.dim(text);
    case '~':
      return chalk.cyan(text);
    case undefined:
      return text;
  }
}

function connectionText(connection: Connection): string {
  const { kind, service, client } = connection;
  const address = service?.address ?? client?.address;
  const parts: string[] = [
    verdictOf(connection) ?? '-',
    (service ?? client)?.type ?? '-',
    kind === 'waiting' ? 'connection that waits' : kind,
    ...(address === undefined ? [] : [sanitise(address)]),
  ];
  const ends = isConnected(connection) ? [client, service] : [service];
  return `${parts.join(' ')}: ${ends.map((end) => holdersInBrief(end?.holders ?? [])).join(' to ')}`;
}
