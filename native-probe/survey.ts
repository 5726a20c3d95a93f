/** Who has which sockets open, and what the sockets say of their peers: /proc and pidfd_getfd(2), for many at once. */
import { contentOf, type RecordedTable } from './bpf/recorded-tables.js';
import type { RecordedAnswers } from './bpf/recorded-answers.js';
import type { SocketRecords } from './bpf/socket-records.js';
import type { Fd } from './fd.js';
import type { Inodes } from './proc/descriptor-links.js';
import { type FdTable, type Forbidden, socketsOf, takeTableAgain, takeTableOf } from './proc/fd-table.js';
import { hiddenSocketsOf } from './proc/hidden-sockets.js';
import type { Activity } from './proc/process-activity.js';
import { askSocket, column, LongAnswers, rowSize } from './socket-answers.js';

/** A process that has sockets open. */
export interface SurveyedProcess {
  readonly pid: number;
  /** As a holder has them. */
  readonly thread: number | undefined;
  readonly ring: number | undefined;
  readonly comm: Uint8Array;
  readonly activity: Activity | undefined;
  readonly pidfdId: bigint | undefined;
  /** Whether pidfd_open(2) gave a pidfd: without one its sockets cannot be asked. */
  readonly pinned: boolean;
}

/** What a surveyor found: only numbers and bytes, so that one thread can hand it to another. */
export interface Survey {
  readonly processes: readonly SurveyedProcess[];
  /** Processes whose descriptors we may not see. */
  readonly forbidden: readonly Forbidden[];
  /** Processes that have more threads or io_uring instances than peerpid looks at. */
  readonly cut: readonly number[];
  /** The descriptors of io_uring instances, by process. */
  readonly rings: ReadonlyMap<number, readonly number[]>;
  /** One for each socket that a process has at a descriptor, or at -1 registered with an io_uring; the columns are in socket-answers.ts. */
  readonly rows: Int32Array<ArrayBuffer>;
  /** The answers whose numbers are in the rows. */
  readonly longAnswers: LongAnswers['all'];
}

/** Sockets by their inode numbers, and where they are known their cookies. */
export interface KnownSockets extends Inodes {
  get?(inode: number): number | undefined;
}

/** What each socket is asked: with details also for its peer's groups and security label. */
export type Asking = 'nothing' | 'peer' | 'details';

/** Writes into a row what a socket would answer. @param which - socket of the table @returns false where it is to be asked */
type Answer = (which: number, inode: number, row: number) => boolean;

/** Looks through one process after another. */
export class Surveyor {
  readonly #processes: SurveyedProcess[] = [];
  readonly #forbidden: Forbidden[] = [];
  readonly #cut: number[] = [];
  readonly #rings = new Map<number, readonly number[]>();
  #rows: Int32Array<ArrayBuffer> = new Int32Array(1024 * rowSize);
  #used = 0;
  /** Sockets that were asked: a socket that several processes hold answers the same on each duplicate. */
  readonly #asked = new Set<number>();
  readonly #longAnswers = new LongAnswers();

  /**
   * @param known - the sockets that are to be found
   * @param unknown - whether to find all other sockets too, which are not asked: they may be of any family
   */
  constructor(
    private readonly known: KnownSockets,
    private readonly asking: Asking,
    private readonly unknown: boolean,
  ) {}

  /** Looks through one process, and asks its sockets that were not asked yet. */
  visit(pid: number): void {
    const forbidden = socketsOf(
      pid,
      this.unknown ? undefined : this.known,
      (table) => {
        this.#takeAndClose(table);
      },
      (fds) => this.#rings.set(pid, fds),
    );
    if (forbidden !== undefined) this.#forbidden.push(forbidden);
  }

  /** Asks sockets that a process was seen to have, without another look at all of its descriptors. */
  visitAgain(table: Omit<FdTable, 'pidfd'>): void {
    takeTableAgain(table, (pinned) => {
      this.#takeAndClose(pinned);
    });
  }

  /**
   * Takes a table of descriptors as a BPF program told it, and asks those of its sockets of which that did not tell enough.
   *
   * @param answers - of these records; undefined to ask all sockets that are to be asked
   */
  visitRecorded(records: SocketRecords, table: RecordedTable, answers: RecordedAnswers | undefined): void {
    const { pid, thread, pidfdId } = table;
    const { sockets, indexes, rings } = contentOf(records, table, (inode) => this.unknown || this.known.has(inode));
    if (rings.length > 0) this.#rings.set(pid, thread === undefined ? rings : (this.#rings.get(pid) ?? []));
    if (sockets.length === 0) return;
    const details = this.asking === 'details' ? this.#longAnswers : undefined;
    const answer: Answer = (which, inode, row) =>
      answers?.write(indexes[which] ?? 0, this.known.get?.(inode), this.#rows, row, details) === true;
    takeTableOf({ pid, thread, ring: undefined, sockets, pidfdId }, (taken) => {
      this.#takeAndClose(taken, answer);
    });
  }

  /**
   * As {@link visit}, but where /proc/PID/fd does not show sockets.
   *
   * @param rings - of {@link Survey.rings}
   * @param wanted - only these sockets count
   */
  visitHidden(pid: number, rings: readonly number[], wanted: Inodes): void {
    const isWhole = hiddenSocketsOf(pid, rings, wanted, (table) => {
      this.#takeAndClose(table);
    });
    if (!isWhole) this.#cut.push(pid);
  }

  #takeAndClose(table: FdTable, answer?: Answer): void {
    if (typeof table.pidfd === 'number') this.#take(table, undefined, answer);
    else {
      using pidfd = table.pidfd;
      this.#take(table, pidfd, answer);
    }
  }

  #take(
    { pid, thread, ring, comm, activity, pidfd: refused, pidfdId, sockets }: FdTable,
    pidfd: Fd | undefined,
    answer: Answer | undefined,
  ): void {
    const index = this.#processes.length;
    this.#processes.push({ pid, thread, ring, comm, activity, pidfdId, pinned: pidfd !== undefined });
    const details = this.asking === 'details' ? this.#longAnswers : undefined;
    // Whether we may ask is not in the records: one of the sockets of each table is asked itself
    let mayAsk = false;
    for (let at = 0; at < sockets.length; at += 2) {
      const fd = sockets[at] ?? -1;
      const inode = sockets[at + 1] ?? 0;
      const row = this.#newRow();
      this.#rows[row + column.process] = index;
      this.#rows[row + column.fd] = fd;
      this.#rows[row + column.inode] = inode;
      if (
        ring !== undefined ||
        this.asking === 'nothing' ||
        this.#asked.has(inode) ||
        (this.unknown && !this.known.has(inode))
      )
        continue;
      if (mayAsk && answer?.(at / 2, inode, row) === true) this.#noteAsked(inode, row);
      else if (pidfd === undefined) {
        if (typeof refused === 'number') this.#rows[row + column.asked] = -refused;
      } else if (
        !askSocket(
          pidfd.number,
          fd,
          { inode, cookie: this.known.get?.(inode) },
          pidfdId !== undefined,
          this.#rows,
          row,
          details,
        )
      ) {
        this.#used = row;
      } else if (this.#noteAsked(inode, row) && this.#rows[row + column.credentialErrno] === 0) mayAsk = true;
    }
  }

  /** @returns whether it was asked */
  #noteAsked(inode: number, row: number): boolean {
    if (this.#rows[row + column.asked] !== 1) return false;
    this.#asked.add(inode);
    return true;
  }

  #newRow(): number {
    const row = this.#used;
    this.#used += rowSize;
    if (this.#used > this.#rows.length) {
      const larger = new Int32Array(this.#rows.length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#rows.fill(0, row, row + rowSize);
    return row;
  }

  /** All that was found so far. */
  result(): Survey {
    return {
      processes: this.#processes,
      forbidden: this.#forbidden,
      cut: this.#cut,
      rings: this.#rings,
      rows: this.#rows.slice(0, this.#used),
      longAnswers: this.#longAnswers.all,
    };
  }
}
