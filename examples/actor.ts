import { type ChildProcess, execFileSync, type StdioOptions } from 'node:child_process';
import { openSync, readFileSync, writeSync } from 'node:fs';

import { until } from './until.js';

/** A process that does what it is told: see `actor.py`. By a FIFO and a file, so that it has no sockets but its own. */
export class Actor {
  #answers = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly input: number,
    private readonly output: string,
  ) {}

  /**
   * Waits until it is ready.
   *
   * @param files - what the names of its two files begin with
   */
  static async ready(files: string, start: (stdio: StdioOptions) => ChildProcess): Promise<Actor> {
    execFileSync('mkfifo', [`${files}.in`]);
    const input = openSync(`${files}.in`, 'r+');
    const output = `${files}.out`;
    const actor = new Actor(start([input, openSync(output, 'w'), 'ignore']), input, output);
    await actor.#answer('ready');
    return actor;
  }

  /** Has it do something. */
  async do(...words: readonly string[]): Promise<void> {
    this.#tell(words);
    await this.#answer('ok');
  }

  /** Has it do what it cannot; it writes that into its log, `/tmp/NAME.log`. */
  async fails(...words: readonly string[]): Promise<void> {
    this.#tell(words);
    if ((await this.#next()) === 'ok') throw new Error(`${words.join(' ')} did not fail`);
  }

  /** Has it end, and leave what it has open to a child. */
  async leave(): Promise<void> {
    await this.#endBy('leave');
  }

  async end(): Promise<void> {
    await this.#endBy('end');
  }

  async #endBy(word: string): Promise<void> {
    this.#tell([word]);
    await until(`it has ended by ${word}`, () => this.#hasEnded);
  }

  #tell(words: readonly string[]): void {
    writeSync(this.input, `${words.join(' ')}\n`);
  }

  async #answer(wanted: string): Promise<void> {
    const answer = await this.#next();
    if (answer !== wanted) throw new Error(`an actor said ${answer ?? 'nothing'} rather than ${wanted}`);
  }

  async #next(): Promise<string | undefined> {
    const answers = (): string[] => readFileSync(this.output, 'utf8').split('\n').slice(0, -1);
    await until('an actor answers', () => answers().length > this.#answers || this.#hasEnded);
    return answers()[this.#answers++];
  }

  get #hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
