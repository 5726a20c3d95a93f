import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { cgroup2Mount } from '../../../native-probe/cgroup.js';
import { requireThat } from './requirements.js';

/** A cgroup of the test's own in the v2 tree, as systemd makes one for a unit. */
export class CgroupDirectory implements Disposable {
  readonly #parent: string;
  readonly #directory: string;
  /** Of the unit that is highest, where others are below. */
  readonly ofUnit: string;
  /** As in /proc/PID/cgroup. */
  readonly path: string;

  private constructor(mount: string, unit: string) {
    const parent = `/peerpid-test-${process.pid}.slice`;
    this.path = `${parent}/${unit}`;
    this.#parent = join(mount, parent);
    this.#directory = join(mount, this.path);
    this.ofUnit = join(this.#parent, unit.split('/')[0] ?? '');
    mkdirSync(this.#directory, { recursive: true });
  }

  /** Makes one, or skips the test where there is no v2 tree or it may not be written. */
  static make(context: Mocha.Context, unit: string): CgroupDirectory {
    const mount = cgroup2Mount();
    requireThat(context, mount !== undefined, 'there is no cgroup v2 tree');
    try {
      return new CgroupDirectory(mount ?? '', unit);
    } catch (error) {
      requireThat(context, false, `no cgroup can be made: ${String(error)}`);
      throw error;
    }
  }

  add(pid: number): void {
    writeFileSync(join(this.#directory, 'cgroup.procs'), String(pid));
  }

  /** Freezes it, or the one above it, until the end of the block. cgroups(7) */
  freeze(above = false): Disposable & { readonly isFrozen: boolean } {
    const file = join(above ? this.#parent : this.#directory, 'cgroup.freeze');
    writeFileSync(file, '1');
    const events = join(this.#directory, 'cgroup.events');
    return {
      get isFrozen() {
        return /^frozen 1$/m.test(readFileSync(events, 'utf8'));
      },
      [Symbol.dispose]: () => {
        writeFileSync(file, '0');
      },
    };
  }

  /** Removes it while the test goes on. */
  remove(): void {
    for (let directory = this.#directory; directory.startsWith(this.#parent); directory = dirname(directory)) {
      try {
        rmdirSync(directory);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.remove();
  }
}
