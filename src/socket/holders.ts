import type { Fd } from '../../native-probe/fd.js';
import { type Holder, scanHolders } from '../../native-probe/proc/socket-holders.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import type { Witness } from '../words/evidence.js';
import type { Reading } from '../words/reading.js';

/** The holders of one socket, and which processes could not be asked. */
export interface Holders {
  readonly found: readonly Holder[];
  /** How many processes have descriptors that we may not see: any of them may hold the socket too. */
  readonly notSeen: number;
  /** Whether /proc hides processes, so that not even their count is known. */
  readonly hidden: boolean;
  /** Processes whose descriptors were all seen: they hold the socket only if they are in `found`. */
  readonly seen: ReadonlySet<number>;
}

/**
 * Who has a socket open now, as far as /proc may be read.
 *
 * @param ours - the descriptor by which we look at the socket: if it is a duplicate, it does not count as held
 */
export function holdersOf(inode: Reading<number>, ours: Fd, witness: Witness): Reading<Holders> {
  if ('error' in inode) return inode;
  // Its numbers would be taken for those of processes here
  if (procIsOurs() !== true) return { error: { syscall: '/proc does not show this PID namespace', code: 'ENOENT' } };
  return witness.ask(
    () => {
      const scan = scanHolders(inode.value);
      const found = scan.holders.flatMap((held) => without(ours, held));
      return { found, notSeen: scan.notSeen.length, hidden: scan.hidden, seen: scan.seen };
    },
    {
      call: () => `readlink /proc/*/fd/*, looking for socket:[${inode.value}]`,
      answer: ({ found }) => (found.length === 0 ? 'nobody' : found.map(({ pid }) => `pid ${pid}`).join(', ')),
      concluded: ({ notSeen, hidden }) => {
        if (hidden) return 'these have it open now; /proc hides the processes of others';
        return notSeen === 0
          ? 'these processes have it open now'
          : `these have it open now; ${notSeen} more ${notSeen === 1 ? 'process' : 'processes'} may not be looked into`;
      },
    },
  );
}

function without(ours: Fd, held: Holder): Holder[] {
  if (held.pid !== process.pid) return [held];
  const fds = held.fds.filter((fd) => fd !== ours.number);
  return fds.length === 0 ? [] : [{ ...held, fds }];
}
