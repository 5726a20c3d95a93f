import type { Fd } from '../native-probe/fd.js';
import { hasEnded, pidfdId, pidfdInfo, type PidfdInfo } from '../native-probe/pidfd.js';
import { pidfdNumbers } from '../native-probe/proc/fdinfo.js';
import { procIsOurs } from '../native-probe/proc/system.js';
import { SyscallError } from '../native-probe/syscall-error.js';
import { type Reading, reading, valueOf } from './reading.js';

/**
 * `running`; `zombie`: it has ended, and keeps its number until its parent
 * waits for it; `exited`: it has ended and its number is free for others.
 */
export type ProcessState = 'running' | 'zombie' | 'exited';

/** What a pidfd says at one moment. */
export interface Sighting {
  readonly state: ProcessState;
  /**
   * The number in our PID namespace: 0 when it has none there, undefined when
   * it is reaped or when the kernel does not say.
   */
  readonly pid: number | undefined;
  /** What PIDFD_GET_INFO told. */
  readonly info: Reading<PidfdInfo>;
}

/** One process, pinned: whatever happens to its number, this stays the same process. */
export class ProcessReference implements Disposable {
  /** The pidfd id; undefined before Linux 6.9. */
  readonly id: bigint | undefined;

  /** @param pidfd - which the reference owns from here on */
  constructor(readonly pidfd: Fd) {
    this.id = pidfdId(pidfd);
  }

  /** Looks at the process now. */
  look(): Sighting {
    const ended = hasEnded(this.pidfd);
    const info = this.#info();
    const pid = valueOf(info)?.pid ?? this.#pidFromFdinfo();
    if (!ended) return { state: 'running', pid, info };
    // A zombie still has its number, in our namespace or (0) in another
    if (pid !== undefined && pid >= 0) return { state: 'zombie', pid, info };
    return { state: 'exited', pid: undefined, info };
  }

  /** Whether the process has this number now, so that what was read by it was read of this process. */
  stillHas(pid: number): boolean {
    return (valueOf(this.#info())?.pid ?? this.#pidFromFdinfo()) === pid;
  }

  /**
   * The number under which the mounted /proc shows the process: not always
   * ours, since that /proc may belong to another PID namespace. Undefined where
   * it does not show the process.
   *
   * @param pid - its number in our PID namespace
   */
  numberInProc(pid: number): number | undefined {
    if (procIsOurs() === true) return pid;
    try {
      const shown = pidfdNumbers(this.pidfd).pid;
      return shown > 0 ? shown : undefined;
    } catch (error) {
      if (error instanceof SyscallError) return undefined;
      throw error;
    }
  }

  #info(): Reading<PidfdInfo> {
    return reading(() => pidfdInfo(this.pidfd));
  }

  /** Undefined when /proc cannot tell: not mounted, or another PID namespace's. */
  #pidFromFdinfo(): number | undefined {
    if (procIsOurs() !== true) return undefined;
    return pidfdNumbers(this.pidfd).pid;
  }

  [Symbol.dispose](): void {
    this.pidfd[Symbol.dispose]();
  }
}
