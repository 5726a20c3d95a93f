import { askProcess, type AskedProcess } from '../../native-probe/proc/asked-process.js';
import { type AskedStrings, askCommandLine } from '../../native-probe/proc/process-strings.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import { Witness } from '../words/evidence.js';
import { type Reading, reading, valueOf } from '../words/reading.js';
import { openNumber } from './named-process.js';
import type { PinnedProcess } from './pinned-process.js';
import { type ProcFacts, type ProcRequest, withDetails, withInvocation } from './proc-facts.js';

type Waited = Pick<AskedProcess, 'waitFor'>;

/** What was asked of a process. */
interface Asked {
  readonly process: Reading<AskedProcess>;
  readonly commandLine: Reading<AskedStrings>;
  /** Whether whoever was asked still has the number. */
  readonly isTheSame: () => boolean;
}

/** Whatever of /proc can wait for the process itself, asked for before it is wanted: an event loop goes on meanwhile. */
export class ReadAhead implements Disposable {
  readonly #asked = new Map<number, Asked>();
  readonly #holders: PinnedProcess[] = [];

  /**
   * @param pids - of whom something will be wanted, in our PID namespace
   * @throws SyscallError EMFILE, ENFILE or ENOMEM in a worker thread
   */
  constructor(pids: Iterable<number>) {
    try {
      for (const pid of new Set(pids)) if (pid > 0) this.#ask(pid);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  #ask(pid: number): void {
    // Opened before it is asked, so that the answers are known to be of this process
    const opened = openNumber(pid, Witness.silent());
    const holder = valueOf(opened);
    if (holder !== undefined) {
      this.#holders.push(holder);
      holder.pidfd.closeWithWorker();
    }
    const shown = holder === undefined ? (procIsOurs() === true ? pid : undefined) : holder.numberInProc(pid);
    if (shown === undefined) return;
    this.#asked.set(shown, {
      process: reading(() => askProcess(shown, true)),
      commandLine: reading(() => askCommandLine(shown, true)),
      // Where pidfd_open(2) is refused nothing that is read can be tied to one process
      isTheSame: () => holder?.stillHas(pid) ?? true,
    });
  }

  /** Until all is there, or after so many milliseconds is given up. */
  async arrival(timeout: number): Promise<void> {
    const asked = [...this.#asked.values()].flatMap(({ process, commandLine }) => [
      valueOf<Waited>(process),
      valueOf<Waited>(commandLine),
    ]);
    await Promise.all(asked.map(async (question) => question?.waitFor(timeout)));
  }

  /** What came, with what never waits, as of now. */
  readonly request: ProcRequest<ProcFacts> = (pid) => {
    const asked = this.#asked.get(pid);
    const isHere = asked?.isTheSame() === true;
    const facts = withDetails(pid, isHere ? asked.process : nobodyAsked, {
      asked: isHere ? asked.commandLine : nobodyAsked,
      within: 0,
    });
    return withInvocation(facts);
  };

  [Symbol.dispose](): void {
    for (const holder of this.#holders) holder[Symbol.dispose]();
  }
}

const nobodyAsked = { error: { syscall: 'another process had the PID when it was asked', code: 'ESRCH' } } as const;
