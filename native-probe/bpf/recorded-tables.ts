import { recordFlag, type SocketRecords } from './socket-records.js';

/** A table of descriptors of which there are records, in one PID namespace: ours. */
export interface RecordedTable {
  readonly pid: number;
  /** The thread that has it, where it is not that of the process. */
  readonly thread: number | undefined;
  /** Of the process; undefined before Linux 6.9. */
  readonly pidfdId: bigint | undefined;
  /** The records: from this index to before the other. */
  readonly from: number;
  readonly to: number;
}

/** The tables in the order of processes, that of the process itself before those of its threads. */
export function tablesIn(records: SocketRecords): RecordedTable[] {
  const tables: RecordedTable[] = [];
  let from = 0;
  for (let to = 1; to <= records.count; to++) {
    if (to < records.count && isOfOne(records, from, to)) continue;
    const [pid, thread] = [records.number(from, 'holder'), records.number(from, 'thread')];
    const id = records.id(from, 'holderId');
    tables.push({ pid, thread: thread === pid ? undefined : thread, pidfdId: id === 0n ? undefined : id, from, to });
    from = to;
  }
  return tables.sort((one, other) => one.pid - other.pid || (one.thread ?? 0) - (other.thread ?? 0));
}

function isOfOne(records: SocketRecords, one: number, other: number): boolean {
  return (
    records.number(one, 'thread') === records.number(other, 'thread') &&
    records.number(one, 'holder') === records.number(other, 'holder')
  );
}

/** What a table has: in turn the number of a descriptor and the inode number of the socket there, as in FdTable. */
export interface TableContent {
  readonly sockets: readonly number[];
  /** The index of each socket's record. */
  readonly indexes: readonly number[];
  /** The descriptors of io_uring instances. */
  readonly rings: readonly number[];
}

/** @param isWanted - of a socket, by its inode number */
export function contentOf(
  records: SocketRecords,
  { from, to }: RecordedTable,
  isWanted: (inode: number) => boolean,
): TableContent {
  const [sockets, indexes, rings]: [number[], number[], number[]] = [[], [], []];
  for (let index = from; index < to; index++) {
    const [inode, fd] = [records.number(index, 'inode'), records.number(index, 'fd')];
    if ((records.flags(index) & recordFlag.ring) !== 0) rings.push(fd);
    else if (isWanted(inode)) {
      sockets.push(fd, inode);
      indexes.push(index);
    }
  }
  return { sockets, indexes, rings };
}
