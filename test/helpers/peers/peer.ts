import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { patience } from '../patience.js';
import { built } from '../running/program-root.js';
import type { PeerCommand } from './peer-program.js';

const program = built('test/helpers/peers/peer-program.js');

export interface PeerOptions {
  /** A command that runs the peer, such as `['unshare', '--pid', '--fork', '--mount-proc']`. */
  readonly wrapper?: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd?: string;
  /** Node's executable, where another copy of it is wanted. */
  readonly node?: string;
}

/** Milliseconds. */
const longestEnd = 5000 * patience;

/** A real other process, told what to do; see peer-program.ts for the commands. */
export class Peer implements AsyncDisposable {
  readonly #answers: AsyncIterator<string>;
  /** What the peer itself takes for its pid: in a PID namespace of its own it is not ours for it. */
  ownPid = 0;

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts a peer, and waits until it listens to commands. */
  static async start({ wrapper = [], node = process.execPath, ...options }: PeerOptions = {}): Promise<Peer> {
    const [command, ...args] = [...wrapper, node, program];
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
    child.stdin.on('error', () => undefined);
    const peer = new Peer(child);
    peer.ownPid = Number(await peer.#answer());
    return peer;
  }

  /** The pid of the process that was started: the wrapper's, if there is one. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Has the peer do something, and returns what came of it. */
  async do(command: PeerCommand, ...args: unknown[]): Promise<unknown> {
    this.child.stdin.write(`${JSON.stringify([command, ...args])}\n`);
    return this.#answer();
  }

  /** The same for a command that answers with a number. */
  async number(command: PeerCommand, ...args: unknown[]): Promise<number> {
    return Number(await this.do(command, ...args));
  }

  async #answer(): Promise<unknown> {
    const line = await this.#answers.next();
    if (line.done === true) throw new Error('the peer ended');
    const answer = JSON.parse(line.value) as { value?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  }

  /** Has the peer exit, and waits until it is reaped. */
  async exit(status = 0): Promise<void> {
    await this.#ended(() => this.child.stdin.write(`${JSON.stringify(['exit', status])}\n`));
  }

  /** Sends a signal, and for one that kills waits until the peer is reaped. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#ended(() => this.child.kill(signal));
  }

  async #ended(end: () => void): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    end();
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that is stuck in a system call would hide why its test has failed
    const stuck = setTimeout(() => this.child.kill('SIGKILL'), longestEnd);
    await this.#ended(() => this.child.stdin.end());
    clearTimeout(stuck);
  }
}
