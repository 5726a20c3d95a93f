import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import type { ScanDocument, ScannedSocketDocument } from '../../../src/document/scan-document.js';
import { childrenOf } from '../machine/pid-namespace.js';
import { Peer } from '../peers/peer.js';
import { type RunOptions, runPeerpid } from './run-peerpid.js';

/** What `peerpid scan --json` says, after a check that it succeeded, whatever it found. */
export async function scanJson(args: readonly string[] = [], options?: RunOptions): Promise<ScanDocument> {
  const { status, stdout, stderr } = await runPeerpid(['scan', '--json', ...args], options);
  assert.equal(stderr, '');
  assert.ok(status === 0 || status === 3, `exit status ${status ?? 'none'}: ${stdout.slice(0, 500)}`);
  return JSON.parse(stdout) as ScanDocument;
}

/** The rows that have an address. */
export function rowsAt({ sockets }: ScanDocument, address: string): ScannedSocketDocument[] {
  return sockets.filter((row) => row.address === address);
}

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

/** A Python program that runs until the end of the block; it has said `ready`. */
export class Python implements AsyncDisposable {
  private constructor(private readonly child: ChildProcess) {}

  static async start(script: string, wrapper: readonly string[] = [], ...args: string[]): Promise<Python> {
    const [command = '', ...rest] = [...wrapper, 'python3', '-c', script, ...args];
    const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => undefined);
    const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
    assert.match(String(said), /ready/);
    return new Python(child);
  }

  /** It reads its standard input, and ends with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.stdin?.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(timer);
  }
}
