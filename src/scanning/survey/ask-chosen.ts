import type { FdTable } from '../../../native-probe/proc/fd-table.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import { type Asking, Surveyor } from '../../../native-probe/survey.js';
import { type FoundSockets, type Growing, merge } from './found-sockets.js';
import { type HiddenSearch, searchFor, surveyHidden } from './hidden-holders.js';
import { closeStrangers } from './strangers.js';

/** A process or thread that is to be asked for duplicates of its sockets. */
type Table = Omit<FdTable, 'pidfd' | 'sockets'> & { readonly sockets: number[] };

/**
 * Asks some of the sockets that were found while nothing was asked. All that follows from the answers is as if all had
 * been asked at once.
 *
 * @param chosen - their inode numbers: both ends of a connection, or none
 */
export function askChosen(found: FoundSockets, chosen: ReadonlySet<number>, asking: Asking): FoundSockets {
  const sockets = new Map<number, Growing>();
  for (const [inode, socket] of found.sockets) sockets.set(inode, { ...socket, holders: [...socket.holders] });
  const tables = tablesOf(chosen, sockets);
  for (const inode of chosen) {
    const socket = sockets.get(inode);
    // Those that have it at a descriptor are found again, unless they have closed it meanwhile
    if (socket !== undefined) socket.holders = socket.holders.filter(({ ring }) => ring !== undefined);
  }
  const known = {
    has: (inode: number) => sockets.has(inode),
    get: (inode: number) => sockets.get(inode)?.socket.cookie,
  };
  const surveyor = new Surveyor(known, asking, false);
  try {
    for (const table of tables) surveyor.visitAgain(table);
  } finally {
    closeStrangers();
  }
  const unlisted = new Map<number, Holder>();
  merge(surveyor.result(), sockets, unlisted);
  const search: HiddenSearch = { anywhere: new Set(), inProcess: searchFor(sockets).inProcess };
  const hidden = surveyHidden(found.visited, search, asking);
  if (hidden !== undefined) merge(hidden, sockets, unlisted);
  for (const { holders } of sockets.values()) if (holders.length > 1) holders.sort((a, b) => a.pid - b.pid);
  const cut = new Set(hidden?.cut);
  return {
    ...found,
    sockets,
    seen: new Set([...found.seen].filter((pid) => !cut.has(pid))),
    cut: found.cut + [...cut].filter((pid) => found.seen.has(pid)).length,
  };
}

/** What each process has of these sockets. */
function tablesOf(chosen: ReadonlySet<number>, sockets: FoundSockets['sockets']): Iterable<Table> {
  const tables = new Map<string, Table>();
  for (const inode of chosen) {
    for (const { pid, thread, ring, pidfdId, comm, activity, fds } of sockets.get(inode)?.holders ?? []) {
      if (ring !== undefined) continue;
      const key = `${pid}:${thread ?? ''}:${pidfdId ?? ''}`;
      let table = tables.get(key);
      if (table === undefined) {
        tables.set(key, (table = { pid, thread, ring, pidfdId, comm, activity, sockets: [] }));
      }
      for (const fd of fds) table.sockets.push(fd, inode);
    }
  }
  return tables.values();
}

/**
 * Sockets that processes have where /proc/PID/fd does not show them: their holders among these are told only of those
 * that nobody else is seen to have, or whose credential names the process, for which they have to be asked.
 */
export function socketsHeldInHiding({ sockets, visited }: FoundSockets): ReadonlySet<number> {
  const anywhere = new Set(sockets.keys());
  const found = new Map<number, Holder>();
  const hidden = surveyHidden(visited, { anywhere, inProcess: new Map() }, 'nothing');
  if (hidden !== undefined) merge(hidden, new Map(), found);
  return new Set(found.keys());
}
