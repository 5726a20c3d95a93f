import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, writeFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import { excerpt } from './excerpt.js';
import type { Shown } from './shown.js';
import { missingPrograms } from './programs.js';
import { asTerminalShows } from './terminal-text.js';

/** Users of the stage, whose files these are: see `namespace.ts`. */
export type User = 'root' | 'www-data' | 'postgres' | 'messagebus' | 'shop' | 'alice' | 'bob';

export interface StartOptions {
  /** The PID that it gets. */
  readonly pid: number;
  readonly user?: User;
  /** A command that runs it, such as `unshare`; that has the PID then. */
  readonly within?: readonly string[];
}

export interface TypeOptions {
  readonly user?: User;
  /** The lines that the page has of what is printed, with those that go on with them; all without it. */
  readonly keep?: readonly RegExp[];
  /** What it says whatever version it is, where it is not peerpid; nothing else of it is compared. */
  readonly says?: RegExp;
  /** A program without which it is not typed, and the page stays as it is. */
  readonly needs?: string;
}

/** Where what a user types begins to have PIDs: those of actors are below, and steady. */
const firstTypedPid = 3000;

/** What a scene is made of: real programs and actors, and commands that somebody types. */
export class Stage {
  readonly #shown: Promise<Shown | null>[] = [];

  /** @param columns - of the terminal in which commands run */
  constructor(private readonly columns: number) {}

  /** All that was typed, in this order, and what it printed; null where its program is missing. */
  async shown(): Promise<readonly (Shown | null)[]> {
    return Promise.all(this.#shown);
  }

  /** Starts a process that is called so and does what it is told; see `actor.py`. */
  async actor(name: string, options: StartOptions): Promise<Actor> {
    const path = `/mnt/bin/${name}`;
    if (!existsSync(path)) linkSync('/mnt/bin/actor.py', path);
    const child = this.#started([path], options);
    const actor = await Actor.ready(child);
    return actor;
  }

  /** Starts a real program, and waits until it is so. @returns its PID */
  async program(command: readonly string[], isReady: () => boolean, options: StartOptions): Promise<number> {
    const child = this.#started(command, options);
    child.stdout.resume();
    await until(`${command.join(' ')} is ready`, isReady);
    return options.pid;
  }

  /** Has a user type a command; what it prints is shown, and waited for. */
  async type(command: string, options?: TypeOptions): Promise<void> {
    await this.begin(command, options);
  }

  /** The same in another terminal, without waiting for its end. @returns its end */
  begin(command: string, options: TypeOptions = {}): Promise<unknown> {
    const { needs } = options;
    const isThere = needs === undefined || missingPrograms([needs]).length === 0;
    const ended = isThere ? this.#typed(command, options) : Promise.resolve(null);
    this.#shown.push(ended);
    return ended;
  }

  async #typed(command: string, { user = 'root', keep, says }: TypeOptions): Promise<Shown> {
    nextPid(firstTypedPid);
    const inTerminal = `stty cols ${this.columns} rows 200; exec 2>&1; ${command}`;
    const [program, ...args] = [...as(user), 'script', '-qefc', inTerminal, '/dev/null'];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: environmentOf(user), cwd: '/' });
    const output = asTerminalShows(await text(child.stdout));
    if (says?.test(output.replaceAll('\n', ' ')) === false)
      throw new Error(`${command} does not say ${String(says)}: ${output}`);
    return {
      command: `${user === 'root' ? '#' : '$'} ${command}`,
      output: excerpt(output, keep),
      ...(says === undefined ? {} : { says: says.source }),
    };
  }

  #started(command: readonly string[], { pid, user = 'root', within = [] }: StartOptions): Child {
    const [program = '', ...args] = [...as(user), ...within, ...command];
    for (let attempt = 0; attempt < 100; attempt++) {
      nextPid(pid);
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env: environmentOf(user), cwd: '/' });
      if (child.pid === pid) return child;
      child.kill('SIGKILL');
    }
    throw new Error(`PID ${pid} could not be had for ${command.join(' ')}`);
  }
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

export class Actor {
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;

  private constructor(private readonly child: Child) {
    this.#lines = createInterface(child.stdout);
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  static async ready(child: Child): Promise<Actor> {
    const actor = new Actor(child);
    await actor.answer('ready');
    return actor;
  }

  /** Has it do something. */
  async do(...words: readonly string[]): Promise<void> {
    this.child.stdin.write(`${words.join(' ')}\n`);
    await this.answer('ok');
  }

  /** Has it do what it cannot; it writes that into its log, `/tmp/NAME.log`. */
  async fails(...words: readonly string[]): Promise<void> {
    this.child.stdin.write(`${words.join(' ')}\n`);
    const { value } = (await this.#answers.next()) as { value: string | undefined };
    if (value === undefined || value === 'ok') throw new Error(`${words.join(' ')} did not fail`);
  }

  /** Has it end, and leave what it has open to a child. */
  async leave(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.stdin.write('leave\n');
    await ended;
  }

  private async answer(wanted: string): Promise<void> {
    const { value } = (await this.#answers.next()) as { value: string | undefined };
    if (value !== wanted) throw new Error(`an actor said ${value ?? 'nothing'} rather than ${wanted}`);
  }

  async end(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.stdin.end();
    await ended;
  }
}

/** Polls, with an end. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`timed out before ${what}`);
    await sleep(20);
  }
}

/** Has the next process get this PID, unless one comes in between. */
function nextPid(pid: number): void {
  writeFileSync('/proc/sys/kernel/ns_last_pid', `${pid - 1}`);
}

function as(user: User): readonly string[] {
  return user === 'root' ? [] : ['setpriv', '--reuid', user, '--regid', user, '--init-groups', '--inh-caps=-all'];
}

function environmentOf(user: User): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return {
    PATH,
    HOME: '/tmp',
    USER: user,
    LOGNAME: user,
    TERM: 'xterm-256color',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    PAGER: 'cat',
  };
}
