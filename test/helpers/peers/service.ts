import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import type { Readable } from 'node:stream';

import { childrenOf, isListening } from '../machine/connections.js';
import { TemporaryDirectory } from '../machine/temporary.js';
import { waitFor } from '../wait-for.js';

export interface ServiceOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where it will listen: waited for without a connection, so that the first one is the test's. */
  readonly listensAt?: string;
  /** What makes it end of its own accord; some programs clean up on one only. */
  readonly stop?: NodeJS.Signals;
}

/** A real program that a test runs, a service or a client of one, stopped at the end of its block. */
export class Service implements AsyncDisposable {
  /** What it wrote, to both its outputs. */
  log = '';
  readonly #stop: NodeJS.Signals;

  private constructor(
    private readonly child: ChildProcessByStdio<null, Readable, Readable>,
    stop: NodeJS.Signals,
  ) {
    this.#stop = stop;
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    }
  }

  static async start(command: readonly string[], options: ServiceOptions = {}): Promise<Service> {
    const [program = '', ...args] = command;
    const env = { ...process.env, ...options.env };
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const service = new Service(child, options.stop ?? 'SIGTERM');
    await once(child, 'spawn');
    const { listensAt } = options;
    if (listensAt === undefined) return service;
    try {
      await waitFor(`${program} listens at ${listensAt}`, () => service.ended || isListening(listensAt));
      if (service.ended) throw new Error(`${program} ended: ${service.log}`);
      return service;
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits for its end. @returns its exit status; null after a signal */
  async status(): Promise<number | null> {
    await waitFor(`${this.child.spawnfile} ends`, () => this.ended, 10_000);
    return this.child.exitCode;
  }

  async logged(text: string): Promise<void> {
    await waitFor(`"${text}" is in the log:\n${this.log}`, () => this.log.includes(text), 10_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const children = childrenOf(this.pid);
    this.child.kill(this.#stop);
    try {
      await this.status();
    } catch {
      this.child.kill('SIGKILL');
      await this.status();
    }
    // Those that it forked for its connections, and left alone
    for (const pid of children) signal(pid, 'SIGTERM');
  }
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself
  }
}

/** A directory that other users may enter. */
export function publicDirectory(): TemporaryDirectory {
  const directory = new TemporaryDirectory();
  chmodSync(directory.path, 0o755);
  return directory;
}

/** A command run as another user, as its own and without groups. */
export function asUser(uid: number, gid: number = uid): string[] {
  return ['setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
}

/** The user and group that nobody's files belong to. */
export const nobody = 65534;
