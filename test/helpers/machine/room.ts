import { Peer } from '../peers/peer.js';
import { childrenOf } from './pid-namespace.js';

/** A PID and network namespace of a test's own, with its own /proc: what others do is not seen in it. */
export class Room implements AsyncDisposable {
  private constructor(
    /** Its first process. */
    readonly init: Peer,
    /** The same process's number outside. */
    readonly initPid: number,
  ) {}

  static async make(): Promise<Room> {
    const init = await Peer.start({ wrapper: ['unshare', '--pid', '--net', '--fork', '--mount-proc'] });
    return new Room(init, childrenOf(init.pid)[0] ?? 0);
  }

  /** The command that runs another in here. */
  get enter(): string[] {
    return ['nsenter', '--pid', '--net', '--mount', '--target', String(this.initPid)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.init[Symbol.asyncDispose]();
  }
}
