import { attach } from '../../../native-probe/bpf/bpf-attachment.js';
import { refuseAll } from '../../../native-probe/bpf/bpf-instructions.js';
import { loadGetsockoptProgram } from '../../../native-probe/bpf/bpf-program.js';
import { cgroup2Mount } from '../../../native-probe/cgroup.js';
import type { Fd } from '../../../native-probe/fd.js';
import { OwnCgroup } from '../../../native-probe/own-cgroup.js';
import { neverLeft } from './never-left.js';

/** A cgroup with a getsockopt program on it. Sockets that are made inside pass through the program for as long as it is there. */
export class BpfCgroup implements Disposable {
  readonly #program: Fd;
  readonly #cgroup: OwnCgroup;
  readonly #attached: Disposable;

  private constructor(mount: string, program: Buffer, name: string, prefix: string) {
    this.#program = loadGetsockoptProgram(program, name);
    try {
      this.#cgroup = OwnCgroup.make(mount, neverLeft, prefix);
      try {
        this.#attached = attach(this.#program, this.#cgroup.fd);
      } catch (error) {
        this.#cgroup[Symbol.dispose]();
        throw error;
      }
    } catch (error) {
      this.#program[Symbol.dispose]();
      throw error;
    }
  }

  /** @param prefix - how the cgroup's name begins */
  static with(program: Buffer, name = 'peerpid_test', prefix = 'peerpid-test-'): BpfCgroup {
    const mount = cgroup2Mount();
    if (mount === undefined) throw new Error('there is no cgroup v2 tree');
    return new BpfCgroup(mount, program, name, prefix);
  }

  get directory(): string {
    return this.#cgroup.directory;
  }

  /** Moves a process in. Sockets that it has already stay outside. */
  take(pid: number): void {
    this.#cgroup.take(pid);
  }

  /** A command that runs another inside. */
  get wrapper(): string[] {
    return ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', this.#cgroup.directory];
  }

  [Symbol.dispose](): void {
    this.#attached[Symbol.dispose]();
    this.#program[Symbol.dispose]();
    this.#cgroup[Symbol.dispose]();
  }
}

/** Why no such program can be tried here; undefined when it can. */
export function whyNoCgroupBpf(): string | undefined {
  try {
    using _tried = BpfCgroup.with(refuseAll());
    return undefined;
  } catch (error) {
    return String(error);
  }
}
