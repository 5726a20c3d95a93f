import { mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Fd, openFile } from './fd.js';
import { HeldSignals } from './held-signals.js';
import { asSyscall, failedWith, type LeftBehind, SyscallError } from './syscall-error.js';
import { uapi } from './uapi.js';

/** Milliseconds until a cgroup that stays busy is left behind. */
const longestBusy = 5000;

/**
 * A cgroup of our own in the v2 tree, removed at the end of its block: signals
 * that would end us wait for that. Only SIGKILL leaves it behind: empty, and harmless. cgroups(7)
 */
export class OwnCgroup implements Disposable {
  private constructor(
    private readonly mount: string,
    readonly directory: string,
    /** Its directory, as bpf(2) wants it. */
    readonly fd: Fd,
    private readonly heldSignals: HeldSignals,
    private readonly left: LeftBehind,
  ) {}

  /**
   * mkdir(2) of a new cgroup, just below the root that is seen here.
   *
   * @param mount - where the v2 tree is mounted
   * @param left - called at the end if it cannot be removed
   * @throws SyscallError EROFS, EACCES or EPERM where none may be made
   */
  static make(mount: string, left: LeftBehind, prefix = 'peerpid-'): OwnCgroup {
    const pattern = join(mount, prefix);
    const held = new HeldSignals();
    let directory: string | undefined;
    try {
      directory = asSyscall(pattern, () => mkdtempSync(pattern));
      return new OwnCgroup(mount, directory, openFile(directory, uapi.O_DIRECTORY), held, left);
    } catch (error) {
      if (directory !== undefined) rmdirSync(directory);
      held[Symbol.dispose]();
      throw error;
    }
  }

  /** Moves a process in. Sockets that the process has already stay outside. */
  take(pid: number): void {
    const file = join(this.directory, 'cgroup.procs');
    asSyscall(file, () => {
      writeFileSync(file, `${pid}`);
    });
  }

  [Symbol.dispose](): void {
    this.fd[Symbol.dispose]();
    try {
      this.#remove();
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      // ENOENT: another has removed it
      if (error.code !== 'ENOENT') this.left(error);
    } finally {
      this.heldSignals[Symbol.dispose]();
    }
  }

  /** Removes the cgroup. A process that is just ending keeps it busy for a moment, though not listed any more. */
  #remove(): void {
    const deadline = Date.now() + longestBusy;
    while (!this.#isRemoved(Date.now() > deadline)) sleep(1);
  }

  /** @param isLast - whether EBUSY is thrown, rather than answered by false */
  #isRemoved(isLast: boolean): boolean {
    this.#moveOut();
    try {
      asSyscall(this.directory, () => {
        rmdirSync(this.directory);
      });
      return true;
    } catch (error) {
      if (isLast || !failedWith(error, 'EBUSY')) throw error;
      return false;
    }
  }

  /** Only an empty cgroup can be removed: processes that are still in it go to the root. */
  #moveOut(): void {
    const [inside, outside] = [join(this.directory, 'cgroup.procs'), join(this.mount, 'cgroup.procs')];
    for (const pid of asSyscall(inside, () => readFileSync(inside, 'utf8')).split('\n')) {
      try {
        if (pid !== '') {
          asSyscall(outside, () => {
            writeFileSync(outside, pid);
          });
        }
      } catch (error) {
        // it has ended meanwhile
        if (!failedWith(error, 'ESRCH')) throw error;
      }
    }
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
