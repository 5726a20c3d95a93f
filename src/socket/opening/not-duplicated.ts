/** Why nobody gave a duplicate of a socket, and what to do about it. */
import { processStatus } from '../../../native-probe/proc/process.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import { ptraceScope } from '../../../native-probe/proc/system.js';
import { counted } from '../../words/counted.js';
import { Problem } from '../../words/problem.js';
import { reading, type Reading, type Refusal, valueOf } from '../../words/reading.js';
import { textOf } from '../../words/text.js';
import { whereElse } from '../../words/where-else.js';
import type { Holders } from '../holders.js';
import type { Refused } from './duplicate-from-holders.js';

/** Who wanted the duplicate, as far as advice depends on it. */
export interface Asker {
  readonly uid: number;
  /** kernel.yama.ptrace_scope; undefined without Yama. */
  readonly ptraceScope: number | undefined;
  /** The real uid of a process; undefined where it may not be seen. */
  readonly uidOf: (pid: number) => number | undefined;
}

function thisProcess(): Asker {
  return {
    uid: process.getuid?.() ?? 0,
    ptraceScope: ptraceScope(),
    uidOf: (pid) => valueOf(reading(() => processStatus(pid)))?.uids.real,
  };
}

/**
 * The problem that nobody gave a duplicate of a listener, of which nothing can be told without one.
 *
 * @param connect - how to look at it without a duplicate
 */
export function notDuplicated(
  subject: string,
  holders: Reading<Holders>,
  refused: readonly Refused[],
  asker = thisProcess(),
  connect = 'leave --no-connect away',
): Problem {
  const { syscall, code } = whyNotDuplicated(holders, refused, subject);
  return new Problem(code, syscall, hint(holders, refused, asker, connect));
}

/** Why nobody gave a duplicate of a socket, as the reason for a fact that is missing. */
export function whyNotDuplicated(holders: Reading<Holders>, refused: readonly Refused[], subject = 'it'): Refusal {
  if ('error' in holders) {
    const { syscall, code } = holders.error;
    return { syscall: `who holds ${subject} cannot be seen, since ${syscall}`, code };
  }
  const [first, ...others] = refused;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : `, and ${others.length} more`;
    return {
      syscall: `nobody who holds ${subject} may be looked into: ${nameOf(first.holder)}${more}`,
      code: first.code,
    };
  }
  const { found, hidden, notSeen } = holders.value;
  const [ring] = found;
  if (ring !== undefined && found.every(inRing)) {
    return {
      syscall: `${subject} is registered with an io_uring of ${nameOf(ring)}, which gives no duplicate`,
      code: 'EBADF',
    };
  }
  if (found.length > 0) return { syscall: `who held ${subject} has closed it just now`, code: 'EAGAIN' };
  return hidden || notSeen > 0
    ? { syscall: `nobody is seen to hold ${subject}`, code: 'EACCES' }
    : { syscall: `nobody is seen to hold ${subject}`, code: 'ESRCH' };
}

function inRing({ ring }: Holder): boolean {
  return ring !== undefined;
}

function nameOf({ pid, comm }: Holder): string {
  return `${pid} ${textOf(comm)}`;
}

function hint(holders: Reading<Holders>, refused: readonly Refused[], asker: Asker, connect: string): string {
  const { uid, ptraceScope = 0, uidOf } = asker;
  const otherwise = uid === 0 ? connect : `run as root, or ${connect}`;
  if ('error' in holders) return `Mount the /proc of this PID namespace, or ${connect}.`;
  if (refused.length > 0) {
    if (uid === 0) {
      return `Root lacks CAP_SYS_PTRACE over it here, as in a container or a user namespace, or a security module or a sandbox forbids it: ${otherwise}.`;
    }
    return ptraceScope > 0 && refused.some(({ holder }) => uidOf(holder.pid) === uid)
      ? `kernel.yama.ptrace_scope is ${ptraceScope}, so a user may not look into processes of their own either: ${otherwise}.`
      : `It takes the right to trace the process: ${otherwise}.`;
  }
  const { found, hidden, notSeen, cut } = holders.value;
  if (found.length > 0 && found.every(inRing)) return `There is no descriptor of it that could be asked: ${connect}.`;
  if (found.length > 0) return 'The service may be restarting: try again.';
  if (hidden) return `/proc hides the processes of others (its mount option hidepid): ${otherwise}.`;
  if (notSeen > 0) {
    return `${notSeen} ${notSeen === 1 ? 'process' : 'processes'} may not be looked into, and any of them may hold it; or it is ${whereElse}: ${otherwise}.`;
  }
  if (cut > 0)
    return `${counted(cut, 'process has', 'processes have')} more threads or io_uring instances than are looked at: ${connect}.`;
  return `It is ${whereElse}, such as a process outside this PID namespace: ${connect}.`;
}
