import type { Fd } from '../../native-probe/fd.js';
import { endOf, openPidfd, pidfdId, type PidfdInfo, pidfdInfo } from '../../native-probe/pidfd.js';
import { pidfdNumbers } from '../../native-probe/proc/fdinfo.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import { errorCodeOf, type Reading, reading, valueOf } from '../words/reading.js';

/**
 * `running`; `zombie`: it has ended, and keeps its PID until its parent
 * waits for it; `exited`: it has ended and its PID is free for others.
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
export class PinnedProcess implements Disposable {
  /** The pidfd id; undefined before Linux 6.9. */
  readonly id: bigint | undefined;

  /** @param pidfd - owned by this from here on */
  constructor(readonly pidfd: Fd) {
    try {
      this.id = pidfdId(pidfd);
    } catch (error) {
      pidfd[Symbol.dispose]();
      throw error;
    }
  }

  /** Looks at the process now. */
  look(): Sighting {
    const end = endOf(this.pidfd);
    const { info, number } = this.#ask();
    // Each tells that the process is reaped on some kernels on which the other does not
    if (end === 'reaped' || number === -1) return { state: 'exited', pid: undefined, info };
    return { state: end === 'running' ? 'running' : 'zombie', pid: number, info };
  }

  /** As {@link look} tells it. */
  get state(): ProcessState {
    // Only of one that has ended there is more to ask
    return endOf(this.pidfd) === 'running' ? 'running' : this.look().state;
  }

  /** Whether the process has this number now, so that what was read by it was read of this process. */
  stillHas(pid: number): boolean {
    const { number } = this.#ask();
    if (number !== undefined || this.id === undefined) return number === pid;
    // Where the pidfd tells no number, the pidfd id of whoever has the number now decides
    const opened = reading(() => {
      using process = openPidfd(pid);
      return pidfdId(process);
    });
    return valueOf(opened) === this.id;
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
    const shown = valueOf(reading(() => pidfdNumbers(this.pidfd)))?.pid;
    return shown !== undefined && shown > 0 ? shown : undefined;
  }

  /** The number as in {@link Sighting.pid}, but -1 when the process is known to be reaped. */
  #ask(): { readonly info: Reading<PidfdInfo>; readonly number: number | undefined } {
    const info = reading(() => pidfdInfo(this.pidfd));
    const known = valueOf(info);
    if (known?.pid !== undefined) return { info, number: known.pid };
    if (known?.waitStatus !== undefined) return { info, number: -1 };
    if (errorCodeOf(info) === 'EREMOTE') return { info, number: 0 };
    return { info, number: this.#numberFromFdinfo() };
  }

  /** Undefined when /proc cannot tell: not mounted, another PID namespace's, or hidden from us. */
  #numberFromFdinfo(): number | undefined {
    if (procIsOurs() !== true) return undefined;
    return valueOf(reading(() => pidfdNumbers(this.pidfd)))?.pid;
  }

  [Symbol.dispose](): void {
    this.pidfd[Symbol.dispose]();
  }
}
