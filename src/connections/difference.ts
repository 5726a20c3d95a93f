import { processKey } from '../document/process-key.js';
import type { ScanDocument, ScannedProcessDocument, ScannedSocketDocument } from '../document/scan-document.js';
import type { WatchedSocket } from '../document/watch-event.js';
import { changedFields, type FieldChange, type ProcessOf } from './changed-fields.js';

type Row = ScannedSocketDocument;
type Scanned = Pick<ScanDocument, 'sockets' | 'processes'>;

/** What is different between two scans, socket by socket. */
export interface Difference {
  readonly came: readonly WatchedSocket[];
  readonly went: readonly WatchedSocket[];
  readonly changed: readonly ChangedSocket[];
}

/** A socket that is in both scans and is not as it was. */
export interface ChangedSocket extends WatchedSocket {
  readonly before: WatchedSocket;
  /** At least one. */
  readonly changes: readonly FieldChange[];
}

/**
 * Compares two scans. Two rows with one inode number are one socket: the kernel
 * gives four thousand million others before it gives one again (fs/inode.c,
 * get_next_ino()). Rows of different types are two sockets nevertheless.
 */
export function difference(before: Scanned, now: Scanned): Difference {
  const last = new Map(before.sockets.map((row) => [row.inode, row]));
  const processBefore = processesOf(before);
  const processNow = processesOf(now);
  const came: WatchedSocket[] = [];
  const changed: ChangedSocket[] = [];
  for (const row of now.sockets) {
    const known = last.get(row.inode);
    if (known?.type !== row.type) {
      came.push(watched(row, processNow));
      continue;
    }
    last.delete(row.inode);
    const changes = changedFields(known, row, processBefore, processNow);
    if (changes.length > 0)
      changed.push({ ...watched(row, processNow), before: watched(known, processBefore), changes });
  }
  return { came, went: [...last.values()].map((row) => watched(row, processBefore)), changed };
}

function processesOf({ processes }: Scanned): ProcessOf {
  const known = new Map(processes.map((process) => [processKey(process), process]));
  return (brief) => known.get(processKey(brief));
}

function watched(socket: Row, processOf: ProcessOf): WatchedSocket {
  const processes = new Set<ScannedProcessDocument>();
  for (const brief of [socket.byPid, socket.byPidfd]) {
    const process = brief ? processOf(brief) : undefined;
    if (process !== undefined) processes.add(process);
  }
  return { socket, processes: [...processes] };
}
