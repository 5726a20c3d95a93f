import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { isRoot, requirePrograms, requireThat } from '../machine/requirements.js';
import { Room } from '../machine/room.js';
import { TemporaryDirectory } from '../machine/temporary.js';
import { Service } from '../peers/service.js';
import { compiled, fuseDevice } from './hostile.js';

/** Listeners on a FUSE that does not answer any more, in a room of their own. */
export class HangingPaths implements AsyncDisposable {
  readonly #before: ReadonlySet<string>;

  private constructor(
    readonly directory: TemporaryDirectory,
    readonly room: Room,
    readonly hanging: Service,
  ) {
    this.#before = new Set(this.#processes());
  }

  /**
   * @param number - of sockets: {@link HangingPaths.path} of 0 and up
   * @param kind - silent: whoever waits can be killed; reading: not before the FUSE ends; permission: it is asked only
   * for the mode of a file, when somebody connects to it; later: from SIGUSR1 on
   */
  static async start(
    context: Mocha.Context,
    number: number,
    kind: 'silent' | 'reading' | 'permission' | 'later',
  ): Promise<HangingPaths> {
    requireThat(context, isRoot, 'needs root, to mount a FUSE that others may look into');
    requirePrograms(context, 'unshare', 'nsenter', 'gcc');
    const made: (Disposable | AsyncDisposable)[] = [];
    try {
      return await HangingPaths.#start(context, number, kind, made);
    } catch (error) {
      for (const thing of made.reverse()) {
        if (Symbol.asyncDispose in thing) await thing[Symbol.asyncDispose]();
        else thing[Symbol.dispose]();
      }
      throw error;
    }
  }

  static async #start(
    context: Mocha.Context,
    number: number,
    kind: string,
    made: (Disposable | AsyncDisposable)[],
  ): Promise<HangingPaths> {
    const directory = new TemporaryDirectory();
    made.push(directory);
    const fuse = fuseDevice(directory);
    requireThat(context, fuse !== undefined, 'needs /dev/fuse');
    const program = compiled(context, directory, 'path-hang');
    mkdirSync(directory.file('mount'));
    const room = await Room.make();
    made.push(room);
    const command = [...room.enter, program, fuse ?? '', directory.file('mount'), `${number}`, kind];
    const hanging = await Service.start(command, { stop: 'SIGKILL' });
    made.push(hanging);
    await hanging.logged('ready ');
    return new HangingPaths(directory, room, hanging);
  }

  path(name: string): string {
    return join(this.directory.file('mount'), name);
  }

  /** The processes in the room whose command lines have this. */
  running(text: string): number[] {
    const found = this.#processes().filter((pid) => commandLineOf(pid)?.includes(text) === true);
    return found.map(Number);
  }

  /** Has a FUSE of the kind `later` answer no longer. */
  async hang(): Promise<void> {
    for (const pid of this.running('path-hang')) process.kill(pid, 'SIGUSR1');
    await this.hanging.logged('silent');
  }

  /** The processes in the room that came since the start and have not ended. */
  get left(): string[] {
    return this.#processes().filter((pid) => !this.#before.has(pid));
  }

  #processes(): string[] {
    const namespace = pidNamespaceOf(`${this.room.initPid}`);
    return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && pidNamespaceOf(pid) === namespace);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hanging[Symbol.asyncDispose]();
    await this.room[Symbol.asyncDispose]();
    this.directory[Symbol.dispose]();
  }
}

/** Undefined of a process that has ended. */
function commandLineOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return undefined;
  }
}

/** Undefined of a process that has ended. */
function pidNamespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}
