import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

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

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Has it read a line, and waits for what it says. */
  async say(line: string): Promise<string> {
    const answer = once(this.child.stdout ?? this.child, 'data') as Promise<[unknown]>;
    this.child.stdin?.write(`${line}\n`);
    const [said] = await answer;
    return String(said).trim();
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
