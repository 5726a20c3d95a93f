import type { Fd } from '../../native-probe/fd.js';
import { type Holder, scanHiddenHolders, scanHolders } from '../../native-probe/proc/socket-holders.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import type { Witness } from '../words/evidence.js';
import { fewOf } from '../words/few.js';
import { mapReading, type Reading, type Refusal } from '../words/reading.js';
import { whereElse } from '../words/where-else.js';

/** A process that has the socket open. */
export interface FoundHolder extends Holder {
  /** That it was given the socket when it was started, and under which name, or null for none: listen-fds.ts. */
  readonly given?: Buffer | null;
}

/** The holders of one socket, and which processes could not be asked. */
export interface Holders {
  readonly found: readonly FoundHolder[];
  /** How many processes have descriptors that we may not see: any of them may hold the socket too. */
  readonly notSeen: number;
  /** Whether /proc hides processes, so that not even their count is known. */
  readonly hidden: boolean;
  /** How many processes have more threads or io_uring instances than were looked at. */
  readonly cut: number;
  /** Processes whose descriptors were all seen: they hold the socket only if they are in `found`. */
  readonly seen: ReadonlySet<number>;
}

/** Why nobody could look who has a socket open. */
export const withoutProc: Refusal = { syscall: '/proc does not show this PID namespace', code: 'ENOENT' };

/**
 * Who has a socket open now, as far as /proc may be read.
 *
 * @param ours - the descriptor by which we look at the socket: if it is a duplicate, it does not count as held
 */
export function holdersOf(inode: Reading<number>, ours: Fd, witness: Witness): Reading<Holders> {
  if ('error' in inode) return inode;
  // Its numbers would be taken for those of processes here
  if (procIsOurs() !== true) return { error: withoutProc };
  const scan = witness.ask(() => scanHolders(inode.value), {
    call: () => `readlink /proc/*/fd/*, looking for socket:[${inode.value}]`,
    answer: ({ holders }) => pidsOf(holders),
    concluded: ({ notSeen: { length }, hidden }) => {
      if (hidden) return 'these have it open now; /proc hides the processes of other users';
      return length === 0
        ? 'these processes have it open now'
        : `these have it open now; we may not look into ${length} more ${length === 1 ? 'process' : 'processes'}`;
    },
  });
  if ('error' in scan) return scan;
  const { holders, notSeen, hidden, seen } = scan.value;
  const known = { notSeen: notSeen.length, hidden, seen };
  const found = holders.flatMap((held) => without(ours, held));
  if (found.length > 0) return { value: { ...known, found, cut: 0 } };
  const more = witness.ask(() => scanHiddenHolders(inode.value, scan.value), {
    call: () =>
      'readlink /proc/*/task/*/fd/* where a thread has its own, and UserFiles in the fdinfo of io_uring instances',
    answer: ({ holders }) => pidsOf(holders),
    concluded: ({ holders: { length } }) =>
      length === 0 ? `it is ${whereElse}` : 'these processes have it where /proc/PID/fd does not show it',
  });
  return mapReading(more, ({ holders, cut }) => ({ ...known, found: holders, cut }));
}

function pidsOf(holders: readonly Holder[]): string {
  return holders.length === 0 ? 'nobody' : fewOf(holders, ({ pid }) => `pid ${pid}`).join(', ');
}

function without(ours: Fd, held: Holder): Holder[] {
  if (held.pid !== process.pid) return [held];
  const fds = held.fds.filter((fd) => fd !== ours.number);
  return fds.length === 0 ? [] : [{ ...held, fds }];
}
