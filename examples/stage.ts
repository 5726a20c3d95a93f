import { type ChildProcess, execFileSync, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, linkSync, openSync, readFileSync, writeFileSync } from 'node:fs';

import { Actor } from './actor.js';
import { excerpt } from './excerpt.js';
import type { User } from './namespace.js';
import { missingPrograms } from './programs.js';
import type { Shown } from './shown.js';
import { asTerminalShows, plain } from './terminal-text.js';
import { until } from './until.js';

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
  /** What it prints by a rare chance, and is then typed again. */
  readonly unless?: RegExp;
  /** A program without which it is not typed, and the page stays as it is. */
  readonly needs?: string;
}

/** Where what a user types begins to have PIDs: those of actors are below, and steady. */
const firstTypedPid = 3000;

/** What a scene is made of: real programs and actors, and commands that somebody types. */
export class Stage {
  readonly #shown: Promise<Shown | null>[] = [];
  #files = 0;

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
    return Actor.ready(`/tmp/${name}.${options.pid}`, (stdio) => started([path], options, stdio));
  }

  /** Starts a real program, and waits until it is so. @returns its PID */
  async program(command: readonly string[], isReady: () => boolean, options: StartOptions): Promise<number> {
    started(command, options, [endlessInput(), 'ignore', 'ignore']);
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

  /** What the command that was typed last has printed by now. */
  get printed(): string {
    return readFileSync(printedBy(this.#files - 1), 'utf8');
  }

  async #typed(command: string, options: TypeOptions): Promise<Shown> {
    const { user = 'root', keep, says, unless } = options;
    let output = await this.#printed(command, user);
    for (let again = 0; again < 5 && unless?.test(plain(output).replaceAll('\n', ' ')) === true; again++) {
      output = await this.#printed(command, user);
    }
    if (says?.test(plain(output).replaceAll('\n', ' ')) === false) {
      throw new Error(`${command} does not say ${String(says)}: ${output}`);
    }
    return {
      command: `${user === 'root' ? '#' : '$'} ${command}`,
      output: excerpt(output, keep),
      ...(says === undefined ? {} : { says: says.source }),
    };
  }

  async #printed(command: string, user: User): Promise<string> {
    nextPid(firstTypedPid);
    const inTerminal = `stty cols ${this.columns} rows 200; exec 2>&1; ${command}`;
    const [program, ...args] = [...as(user), 'script', '-qefc', inTerminal, '/dev/null'];
    // A file: the sockets that Node has in place of pipes would be in what peerpid prints
    const printed = printedBy(this.#files++);
    const stdout = openSync(printed, 'w');
    const child = spawn(program, args, { stdio: ['ignore', stdout, 'inherit'], env: environmentOf(user), cwd: '/' });
    closeSync(stdout);
    await once(child, 'exit');
    return asTerminalShows(readFileSync(printed, 'utf8'));
  }
}

/** Where a command prints. @param number - how many were typed before it */
function printedBy(number: number): string {
  return `/tmp/typed.${number}`;
}

function started(
  command: readonly string[],
  { pid, user = 'root', within = [] }: StartOptions,
  stdio: StdioOptions,
): ChildProcess {
  const [program = '', ...args] = [...as(user), ...within, ...command];
  for (let attempt = 0; attempt < 100; attempt++) {
    nextPid(pid);
    const child = spawn(program, args, { stdio, env: environmentOf(user), cwd: '/' });
    if (child.pid === pid) return child;
    child.kill('SIGKILL');
  }
  throw new Error(`PID ${pid} could not be had for ${command.join(' ')}`);
}

/** What an actor that a program starts reads from, and so goes on. */
function endlessInput(): number {
  const path = '/tmp/endless';
  if (!existsSync(path)) execFileSync('mkfifo', [path]);
  return openSync(path, 'r+');
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
