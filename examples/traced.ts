import { readdirSync, readFileSync } from 'node:fs';

import type { Stage, TypeOptions } from './stage.js';
import { until } from './until.js';

/** A `peerpid trace` that somebody typed, and that goes on. */
export class Traced {
  private constructor(
    private readonly pid: number,
    private readonly ended: Promise<unknown>,
  ) {}

  /**
   * Types it, and waits until it shows everything.
   *
   * @param file - into which it prints, where that is not the terminal
   */
  static async begin(stage: Stage, command: string, options?: TypeOptions & { file?: string }): Promise<Traced> {
    const ended = stage.begin(command, options);
    const file = options?.file;
    await until('it traces', () => (file === undefined ? stage.printed : written(file)) !== '');
    return new Traced(tracer(), ended);
  }

  /** Has something happen while it does not come to look, as on a machine that is busy. */
  async heldUp(work: () => Promise<void>): Promise<void> {
    process.kill(this.pid, 'SIGSTOP');
    await work();
    process.kill(this.pid, 'SIGCONT');
  }

  /** What Ctrl-C does. */
  async interrupt(): Promise<void> {
    process.kill(this.pid, 'SIGINT');
    await this.ended;
  }
}

function tracer(): number {
  const pid = readdirSync('/proc').find(
    (name) => /^\d+$/.test(name) && /^node\0[^\0]*\/peerpid\0trace\0/.test(written(`/proc/${name}/cmdline`)),
  );
  if (pid === undefined) throw new Error('no peerpid trace runs');
  return Number(pid);
}

function written(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return '';
  }
}
