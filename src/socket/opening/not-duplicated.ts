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
  connect = 'omit --no-connect',
): Problem {
  const { syscall, code } = whyNotDuplicated(holders, refused, subject);
  return new Problem(code, syscall, hint(holders, refused, asker, connect));
}

/** Why nobody gave a duplicate of a socket, as the reason for a fact that is missing. */
export function whyNotDuplicated(holders: Reading<Holders>, refused: readonly Refused[], subject = 'it'): Refusal {
  if ('error' in holders) {
    const { syscall, code } = holders.error;
    return { syscall: `peerpid cannot see who holds ${subject}: ${syscall}`, code };
  }
  const [first, ...others] = refused;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : `, and ${others.length} more`;
    return {
      syscall: `we may not look into any process that holds ${subject}: ${nameOf(first.holder)}${more}`,
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
  if (found.length > 0) return { syscall: `the process that held ${subject} has just closed it`, code: 'EAGAIN' };
  return hidden || notSeen > 0
    ? { syscall: `no process was seen that holds ${subject}`, code: 'EACCES' }
    : { syscall: `no process was seen that holds ${subject}`, code: 'ESRCH' };
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
      return `Root has no CAP_SYS_PTRACE over it here, as in a container or a user namespace, or a security module or a sandbox forbids it: ${otherwise}.`;
    }
    return ptraceScope > 0 && refused.some(({ holder }) => uidOf(holder.pid) === uid)
      ? `kernel.yama.ptrace_scope is ${ptraceScope}, so users may not look into their own processes either: ${otherwise}.`
      : `This needs the right to trace the process: ${otherwise}.`;
  }
  const { found, hidden, notSeen, cut } = holders.value;
  if (found.length > 0 && found.every(inRing)) return `It has no descriptor that peerpid could ask: ${connect}.`;
  if (found.length > 0) return 'The service may be restarting: try again.';
  if (hidden) return `/proc hides the processes of other users (its mount option hidepid): ${otherwise}.`;
  if (notSeen > 0) {
    return `We may not look into ${notSeen} ${notSeen === 1 ? 'process' : 'processes'}, and any of them may hold it; or it is ${whereElse}: ${otherwise}.`;
  }
  if (cut > 0)
    return `${counted(cut, 'process has', 'processes have')} more threads or io_uring instances than peerpid looks at: ${connect}.`;
  return `It is ${whereElse}, such as a process outside this PID namespace: ${connect}.`;
}
