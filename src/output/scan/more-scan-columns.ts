import type { Connection } from '../../connections/connections.js';
import type { ScannedSocketDocument } from '../../document/scan-document.js';
import type { HolderDocument } from '../../document/socket-document.js';
import { idText } from '../who.js';
import { list, nothing, placeText, usersOf } from './holder-cells.js';
import { namespaceColumn, type ScanColumn, scanColumns } from './scan-columns.js';

type Row = ScannedSocketDocument;
type End = 'service' | 'client';

function holdersOf(connection: Connection, end: End): readonly HolderDocument[] {
  return connection[end]?.holders ?? [];
}

/** What SO_PEERCRED tells the holder of an end of its peer, in the holder's namespaces. */
function toldText(row: Row | undefined): string {
  if (row?.credential === undefined || row.credential === null) return nothing;
  const { pid, uid } = row.seenBy ?? row.credential;
  return `PID ${pid ?? '?'} uid ${uid ?? '?'}`;
}

const ends: readonly (readonly [End, string])[] = [
  ['service', 'the end that was accepted, the listener or the receiver'],
  ['client', 'the end that connected'],
];

function ofEnd([end, what]: readonly [End, string]): ScanColumn[] {
  const heading = (part: string): string => `${end.toUpperCase()}-${part}`;
  return [
    {
      name: `${end}-pid`,
      heading: heading('PID'),
      description: `the PIDs that hold ${what}`,
      rank: (connection) => holdersOf(connection, end)[0]?.pid ?? 0,
      cell: (connection) => list(holdersOf(connection, end).map(({ pid }) => String(pid))),
    },
    {
      name: `${end}-user`,
      heading: heading('USER'),
      description: `the effective users of those that hold ${what}`,
      cell: (connection, context) => usersOf(connection, end, context),
    },
    {
      name: `${end}-unit`,
      heading: heading('UNIT'),
      least: 12,
      description: `the systemd units or containers of those that hold ${what}`,
      cell: (connection, context) => list(holdersOf(connection, end).map((holder) => placeText(holder, context))),
    },
    {
      name: `${end}-state`,
      heading: heading('STATE'),
      description: `whether those that hold ${what} run, or what keeps them: stopped, traced, frozen, ending`,
      cell: (connection) => list(holdersOf(connection, end).map(({ activity }) => activity ?? 'running')),
    },
    {
      name: `${end}-told`,
      heading: heading('TOLD'),
      description: `what the holder of ${what} sees by SO_PEERCRED, in its own namespaces`,
      cell: (connection) => toldText(connection[end]),
    },
    {
      name: `${end}-inode`,
      heading: heading('INODE'),
      description: `the inode number of ${what}`,
      rank: (connection) => connection[end]?.inode ?? 0,
      cell: (connection) => (connection[end] === undefined ? nothing : String(connection[end].inode)),
    },
  ];
}

/** `3/16`, or with clients that have closed their end and keep their place `3+2/16`. */
function backlogCell({ waiting, gone = 0, most }: NonNullable<Row['backlog']>): string {
  return `${waiting}${gone === 0 ? '' : `+${gone}`}/${most}`;
}

/** Columns that are only shown when they are named, or with --extended. */
const more: readonly ScanColumn[] = [
  {
    name: 'kind',
    heading: 'KIND',
    description: 'connection, waiting (to be accepted), sender, listener, receiver or unconnected',
    cell: ({ kind }) => kind,
  },
  ...ends.flatMap(ofEnd),
  {
    name: 'owner',
    heading: 'OWNER',
    description: 'who made the socket of the service',
    cell: ({ service, client }) => {
      const owner = (service ?? client)?.owner;
      return owner === undefined ? nothing : idText(owner.id, owner.name);
    },
  },
  {
    name: 'unread',
    heading: 'UNREAD',
    description: 'bytes that the service has not read yet; of datagrams those of the first one only',
    rank: ({ service }) => service?.queue?.receive ?? 0,
    cell: ({ service }) => (service?.queue === undefined ? nothing : String(service.queue.receive)),
  },
  {
    name: 'backlog',
    heading: 'BACKLOG',
    description: 'how many clients wait at a listener, + those that are gone, and what was given to listen(2)',
    rank: ({ kind, service }) =>
      kind === 'listener' ? (service?.backlog?.waiting ?? 0) + (service?.backlog?.gone ?? 0) : 0,
    cell: ({ kind, service }) =>
      kind === 'listener' && service?.backlog !== undefined ? backlogCell(service.backlog) : nothing,
  },
  {
    name: 'findings',
    heading: 'FINDINGS',
    least: 12,
    description: 'every finding of both ends, also those of severity info',
    cell: ({ service, client }) => list([service, client].flatMap((row) => row?.findings.map(({ id }) => id) ?? [])),
  },
];

/** Every column that there is. */
export const allScanColumns: readonly ScanColumn[] = [...scanColumns, namespaceColumn, ...more];
