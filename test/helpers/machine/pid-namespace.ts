import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { Peer } from '../peers/peer.js';
import { isRoot, requirePrograms, requireThat } from './requirements.js';

// Root needs no user namespace, and some systems forbid them to others
const unshare = ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), '--pid', '--fork', '--mount-proc'];
const nsenter = ['nsenter', ...(isRoot ? [] : ['--user', '--preserve-credentials']), '--pid', '--mount'];

/** Skips the test where PID namespaces cannot be made. */
export function requirePidNamespaces(context: Mocha.Context): void {
  requirePrograms(context, 'unshare', 'nsenter');
  const { status } = spawnSync('unshare', [...unshare.slice(1), 'true']);
  requireThat(context, status === 0, 'PID namespaces may not be made here');
}

/** The children of a process, in the order in which they were started. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/**
 * A PID namespace of the test's own, with its own /proc, in which numbers can
 * be given away as the test wants. All that runs in it ends with it.
 */
export class PidNamespace implements AsyncDisposable {
  private constructor(
    /** Its first process. */
    readonly init: Peer,
    /** The same process's number outside. */
    readonly initPid: number,
  ) {}

  static async make(): Promise<PidNamespace> {
    const init = await Peer.start({ wrapper: unshare });
    return new PidNamespace(init, childrenOf(init.pid)[0] ?? 0);
  }

  /** The command that runs another in here: a wrapper for Peer and for peerpid. */
  get enter(): string[] {
    return [...nsenter, '--target', String(this.initPid)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.init[Symbol.asyncDispose]();
  }
}
