import type { ConnectionFacts } from '../../connections/connection-facts.js';
import { type Connection, judgedEnds, verdictOf } from '../../connections/connections.js';
import { isDoubtful, verdictThatCounts } from '../../connections/doubt.js';
import type { NetworkNamespaceDocument, ScannedSocketDocument } from '../../document/scan-document.js';
import { gravity, leastGrave } from '../../verdict/gravity.js';
import { counted } from '../../words/counted.js';
import { sanitise } from '../../words/sanitise.js';
import type { Column } from '../columns.js';
import { safe } from '../safe.js';
import { holdersInBrief, processName, whatIsLeft } from '../who.js';

type Row = ScannedSocketDocument;

/** A column of scan's table: what it is called, what it tells, and of a line the text. */
export interface ScanColumn extends Column {
  readonly name: string;
  readonly description: string;
  /** It makes room for the others on a narrow terminal. */
  readonly droppable?: boolean;
  /** What is sorted by, where that is not the text. */
  readonly rank?: (connection: Connection) => number;
  readonly cell: (connection: Connection, context: ColumnContext) => string;
}

/** What cells are made from, besides the connection. */
export interface ColumnContext {
  readonly namespaces: NamespaceNames;
  readonly facts: ConnectionFacts;
}

/** By what people know network namespaces; empty where all sockets live in one. */
export type NamespaceNames = ReadonlyMap<number, string>;

/** By the name below /run/netns, or by a process that lives there. */
export function namespaceNames(namespaces: readonly NetworkNamespaceDocument[]): NamespaceNames {
  const listed = namespaces.filter((one) => one.listed);
  if (listed.length < 2) return new Map();
  return new Map(
    listed.map(({ inode, own, name, process }) => [
      inode,
      own
        ? 'own'
        : name === undefined
          ? process === undefined
            ? String(inode)
            : processName(process)
          : sanitise(name),
    ]),
  );
}

/** Only shown where sockets of several were found. */
export const namespaceColumn: ScanColumn = {
  name: 'netns',
  heading: 'NETNS',
  least: 6,
  description: 'the network namespace: own, its name below /run/netns, a process in it, or its inode number',
  cell: ({ service, client }, { namespaces }) => {
    const inode = (service ?? client)?.networkNamespace;
    return inode === undefined ? nothing : (namespaces.get(inode) ?? String(inode));
  },
};

/** Stands where there is nothing to tell. */
export const nothing = '-';

/** The columns of scan's table, as long as nobody chooses others. */
export const scanColumns: readonly ScanColumn[] = [
  {
    name: 'verdict',
    heading: 'VERDICT',
    description: 'the worse of what each end may believe of the other’s PID',
    rank: (connection) => {
      const verdict = verdictOf(connection);
      return verdict === undefined ? leastGrave : gravity[verdict];
    },
    cell: (connection) => verdictOf(connection) ?? nothing,
  },
  {
    name: 'type',
    heading: 'TYPE',
    droppable: true,
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
      const address = service?.address ?? (kind === 'connection' ? client?.address : undefined);
      return address === undefined ? nothing : safe(address);
    },
  },
  {
    name: 'service',
    heading: 'SERVICE',
    least: 10,
    description: 'who holds the end that was accepted, the listener or the receiver',
    cell: ({ service }) => holdersText(service),
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
    droppable: true,
    description:
      'what the service asks to be told of each message’s sender: cred, pidfd, sec; no-rights when it takes no descriptors',
    cell: ({ service }) => asksText(service),
  },
  {
    name: 'remarks',
    heading: 'REMARKS',
    least: 10,
    description: 'whose verdict it is, findings that want a look, closed directions',
    cell: (connection) => (isUnremarkable(connection) ? nothing : remarks(connection).join(', ') || nothing),
  },
];

function holdersText(row: Row | undefined): string {
  return row === undefined ? nothing : holdersInBrief(row.holders);
}

function clientText({ kind, service, client }: Connection): string {
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

/** Where the list has no other end: it is closed, or in another network namespace. */
function lostEnd({ shutdown }: Row): string {
  return shutdown?.length === 2 ? '(closed)' : '?';
}

function asksText(row: Row | undefined): string {
  if (row?.asks === undefined) return nothing;
  if (row.asks.length === 1 && row.asks[0] === 'rights') return nothing;
  const asked: string[] = row.asks.filter((one) => one !== 'rights');
  if (!row.asks.includes('rights')) asked.push('no-rights');
  return asked.join(' ') || nothing;
}

/** Most connections are, and so need no closer look. */
function isUnremarkable({ kind, service, client }: Connection): boolean {
  if (kind === 'listener' && (service?.backlog?.waiting ?? 0) > 0) return false;
  return isPlain(service) && isPlain(client);
}

function isPlain(row: Row | undefined): boolean {
  return row === undefined || (row.findings.length === 0 && row.shutdown === undefined && !isDoubtful(row));
}

function remarks(connection: Connection): string[] {
  const all = doubts(connection);
  const { service, client } = connection;
  const backlog = connection.kind === 'listener' ? service?.backlog : undefined;
  if (backlog !== undefined && backlog.waiting > 0)
    all.push(`${counted(backlog.waiting, 'client')} waiting (backlog ${backlog.most})`);
  const foreign = verdictOf(connection) === 'foreign';
  for (const { findings } of judgedEnds(connection)) {
    for (const { id, severity } of findings) {
      // The verdict says the same
      if (severity !== 'info' && !(foreign && id === 'service-sees-foreign') && !all.includes(id)) all.push(id);
    }
  }
  // A closed end closes both directions of the other
  if ([service, client].some((row) => row?.shutdown?.length === 1)) all.push('half-closed');
  return all;
}

/** Of whom the verdict is: the service's is what it has of its client, the client's what it has of the service. */
function doubts(connection: Connection): string[] {
  const { service, client, kind } = connection;
  const worst = verdictOf(connection);
  const said: string[] = [];
  const say = (row: Row | undefined, who: string): void => {
    if (row === undefined || !isDoubtful(row)) return;
    const verdict = verdictThatCounts(row);
    // The finding that it was refused says all
    if (verdict === 'none') return;
    said.push(`${who}${verdict === worst ? '' : ` ${verdict ?? ''}`}: ${doubtText(row)}`);
  };
  if (kind === 'listener') say(service, 'listener');
  else {
    if (kind === 'connection') say(service, 'client');
    say(client, 'service');
  }
  return said;
}

/** What the verdict rests on, in a few words. */
function doubtText(row: Row): string {
  const { credential, byPid, byPidfd, seenBy } = row;
  const left = byPidfd?.state === 'exited' ? whatIsLeft(byPidfd) : [];
  const pid = `PID ${seenBy?.pid ?? credential?.pid ?? 0}`;
  switch (verdictThatCounts(row)) {
    case 'foreign':
      return `${seenBy?.holder ?? 'it'} is told PID 0`;
    case 'recycled':
      return [`${pid} is ${sanitise(byPid?.comm ?? '?')} now`, ...left].join(', ');
    case 'contradicted':
      return `${pid} is told, ${byPidfd?.pid === undefined ? 'another' : `PID ${byPidfd.pid}`} pinned`;
    case 'unpinned':
      return `${pid}, no pidfd`;
    default:
      return [pid, ...left].join(', ');
  }
}
