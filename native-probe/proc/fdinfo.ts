import type { Fd } from '../fd.js';
import { readProc } from './read.js';

/** What /proc/self/fdinfo says of a pidfd. pidfd_show_fdinfo() in fs/pidfs.c, before Linux 6.9 in kernel/fork.c */
export interface PidfdNumbers {
  /** In the PID namespace of the /proc mount; 0 when the process has no number there, -1 when it is reaped. */
  readonly pid: number;
  /** The number in each PID namespace, from that of the /proc mount inwards. */
  readonly namespacePids: readonly number[];
}

/**
 * The numbers of the process that a pidfd pins. They are numbers of the PID
 * namespace of the /proc mount, which need not be ours.
 *
 * @throws SyscallError ENOENT without /proc
 */
export function pidfdNumbers(pidfd: Fd): PidfdNumbers {
  const text = readProc(`/proc/self/fdinfo/${pidfd.number}`).toString('latin1');
  const numbers = (name: string): number[] => {
    const match = new RegExp(`^${name}:\\t(.*)$`, 'm').exec(text)?.[1];
    return match === undefined ? [] : match.trim().split(/\s+/).map(Number);
  };
  return { pid: numbers('Pid')[0] ?? -1, namespacePids: numbers('NSpid') };
}
