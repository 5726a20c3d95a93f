import { type Connection, verdictOf } from '../../connections/connections.js';
import type { Selection } from '../../connections/selection.js';
import type { NetworkNamespaceDocument, ScannedSocketDocument } from '../../document/scan-document.js';
import { gravityOf } from '../../verdict/gravity.js';
import { sanitise } from '../../words/sanitise.js';
import type { Column } from '../columns.js';
import { safe } from '../safe.js';
import { holdersInBrief, processName } from '../who.js';
import { type ColumnContext, nothing, usersOf } from './holder-cells.js';
import { remarksOf } from './scan-remarks.js';

type Row = ScannedSocketDocument;

/** A column of scan's table: what it is called, what it tells, and of a line the text. */
export interface ScanColumn extends Column {
  readonly name: string;
  readonly description: string;
  /** What is sorted by, where that is not the text. */
  readonly rank?: (connection: Connection) => number;
  readonly cell: (connection: Connection, context: ColumnContext) => string;
}

/** By inode number, the names by which people know network namespaces; empty where all sockets live in one. */
export type NamespaceNames = ReadonlyMap<number, string>;

/** By the name below /run/netns, or by a process that lives there. */
export function namespaceNames(namespaces: readonly NetworkNamespaceDocument[]): NamespaceNames {
  const listed = namespaces.filter((one) => one.listed);
  if (listed.length < 2) return new Map();
  return new Map(listed.map((one) => [one.inode, namespaceName(one)]));
}

function namespaceName({ inode, own, name, process }: NetworkNamespaceDocument): string {
  if (own) return 'own';
  if (name !== undefined) return sanitise(name);
  return process === undefined ? String(inode) : processName(process);
}

/** The names for a column, which is only shown where a connection lives in another network namespace than ours: else empty. */
export function shownNamespaces({
  connections,
  document,
}: Pick<Selection, 'connections' | 'document'>): NamespaceNames {
  const own = document.networkNamespaces.find((one) => one.own)?.inode;
  const isAnyElsewhere = connections.some(({ service, client }) => (service ?? client)?.networkNamespace !== own);
  return isAnyElsewhere ? namespaceNames(document.networkNamespaces) : new Map();
}

/** Not among {@link scanColumns}: see {@link shownNamespaces}. */
export const namespaceColumn: ScanColumn = {
  name: 'netns',
  heading: 'NETNS',
  least: 6,
  description: 'the network namespace: own, its name below /run/netns, a process in it, or its inode number',
  cell: ({ service, client }, context) => namespaceText(service ?? client, context),
};

/** The network namespace of a socket. */
export function namespaceText(row: Row | undefined, { namespaces }: ColumnContext): string {
  const inode = row?.networkNamespace;
  return inode === undefined ? nothing : (namespaces.get(inode) ?? String(inode));
}

/** The columns of scan's table, as long as nobody chooses others. */
export const scanColumns: readonly ScanColumn[] = [
  {
    name: 'verdict',
    heading: 'VERDICT',
    description: 'whether the PIDs can be trusted: the worse verdict of both ends',
    rank: (connection) => gravityOf(verdictOf(connection)),
    cell: (connection) => verdictOf(connection) ?? nothing,
  },
  {
    name: 'type',
    heading: 'TYPE',
    droppable: 'early',
    description: 'stream, seqpacket or dgram',
    cell: ({ service, client }) => (service ?? client)?.type ?? nothing,
  },
  {
    name: 'address',
    heading: 'ADDRESS',
    least: 12,
    keepsEnd: true,
    description: 'what the service is bound to',
    cell: ({ service, client, kind }) => {
      const address = service?.address ?? (kind === 'connection' ? client?.address : client?.peerAddress);
      return address === undefined ? nothing : safe(address);
    },
  },
  {
    name: 'user',
    heading: 'USER',
    least: 6,
    droppable: 'late',
    description: 'the effective user of the service; client → service where the client is another’s',
    cell: usersText,
  },
  {
    name: 'service',
    heading: 'SERVICE',
    least: 10,
    description: 'who holds the end that was accepted, the listener or the receiver',
    cell: ({ service, client, kind }) => {
      if (client?.receiverClosed === true) return '(closed)';
      const isLost = kind === 'connection' && service === undefined && client?.shutdown?.length !== 2;
      return isLost ? '?' : holdersText(service);
    },
  },
  {
    name: 'client',
    heading: 'CLIENT',
    least: 10,
    description: 'who holds the end that connected',
    cell: (connection) => clientText(connection),
  },
  {
    name: 'asks',
    heading: 'ASKS',
    droppable: 'early',
    description:
      'what the service asks for about each message’s sender: cred, pidfd, sec; no-rights when it takes no descriptors',
    cell: ({ service }) => asksText(service),
  },
  {
    name: 'remarks',
    heading: 'REMARKS',
    least: 10,
    description: 'whose verdict it is, findings worth a look, closed directions',
    cell: (connection) => remarksOf(connection).join(', ') || nothing,
  },
];

function usersText(connection: Connection, context: ColumnContext): string {
  const [service, client] = [usersOf(connection, 'service', context), usersOf(connection, 'client', context)];
  return client === nothing || client === service ? service : `${client} → ${service === nothing ? '?' : service}`;
}

function holdersText(row: Row | undefined): string {
  return row === undefined ? nothing : holdersInBrief(row.holders);
}

/** Who has the end open that connected; of what has no such end, what it does. */
export function clientText({ kind, service, client }: Connection): string {
  switch (kind) {
    case 'listener':
      return '(listens)';
    case 'receiver':
      return '(receives)';
    case 'unconnected':
      return '(not connected)';
    case 'waiting':
      return `${holdersText(client)} (waits)`;
    default:
      return client === undefined && service !== undefined ? lostEnd(service) : holdersText(client);
  }
}

/** Instead of an end that was not seen: it is closed, or not accepted yet by a listener that was not seen. */
function lostEnd({ shutdown }: Row): string {
  return shutdown?.length === 2 ? '(closed)' : '?';
}

function asksText(row: Row | undefined): string {
  if (row?.asks === undefined) return nothing;
  if (row.asks.length === 1 && row.asks[0] === 'rights') return nothing;
  const marks: string[] = row.asks.filter((option) => option !== 'rights');
  if (!row.asks.includes('rights')) marks.push('no-rights');
  return marks.join(' ') || nothing;
}
