/** BPF programs that were compiled (`npm run build:bpf`), loaded and attached by libbpf. Nothing of them outlives the process. */
import { constants } from 'node:os';
import { join } from 'node:path';

import { Fd } from '../fd.js';
import { supportedArchitecture } from '../platform.js';
import { readProgramFile } from '../program-files.js';
import { asSyscall, check, SyscallError } from '../syscall-error.js';
import { callLibbpf } from './libbpf.js';

/** Bytes for what the verifier says of a program that it refuses. Before Linux 6.4 it fails where there is no room for all. */
const logSize = 16 * 1024 * 1024;

/** The kernel, or libbpf, refused a program. */
export class ProgramRefusedError extends SyscallError {
  /** @param log - what the verifier said, line by line; empty where it said nothing */
  constructor(
    errno: number,
    subject: string,
    readonly log: readonly string[],
  ) {
    super('bpf(BPF_PROG_LOAD)', errno, subject);
  }
}

/** One object file's programs and maps. Disposing of it detaches and unloads them. */
export class BpfObject implements Disposable {
  readonly #object: number;
  readonly #links: number[] = [];
  #value: Buffer | undefined;

  /** @param bytes - of the object file */
  private constructor(
    private readonly bytes: Buffer,
    private readonly name: string,
  ) {
    this.#object = pointer(callLibbpf('bpf_object__open_mem', bytes, bytes.length, 0n), 'bpf_object__open_mem', name);
  }

  /**
   * Opens the object of this machine's architecture, in which nothing is loaded yet.
   *
   * @param directory - of the objects: native-probe/bpf of the package
   * @param name - such as `trace`
   * @throws SyscallError ENOENT without libbpf.so.1, or without the object; EINVAL for one that is none
   */
  static open(directory: string, name: string): BpfObject {
    const path = join(directory, `${name}.${supportedArchitecture()}.o`);
    return new BpfObject(
      asSyscall(path, () => readProgramFile(path)),
      name,
    );
  }

  /** Sets what is decided before the programs are loaded. @param value - as long as the object's section .rodata */
  set(value: Buffer): void {
    const set = callLibbpf('bpf_map__set_initial_value', this.#map('.rodata'), value, value.length);
    check(set, 'bpf_map__set_initial_value', this.name);
    this.#value = value;
  }

  /** Has a map of this object be that of another one, which is loaded already. Before {@link load}. */
  share(name: string, of: BpfObject): void {
    check(callLibbpf('bpf_map__reuse_fd', this.#map(name), of.map(name)), 'bpf_map__reuse_fd', name);
  }

  /**
   * bpf(BPF_PROG_LOAD) of all programs but those left out.
   *
   * @param leftOut - programs that are not to be loaded
   * @throws ProgramRefusedError EPERM without CAP_BPF and CAP_PERFMON, or where a sandbox forbids it; ENOENT or ESRCH
   * without /sys/kernel/btf/vmlinux; EACCES or EINVAL from the verifier, with its words
   */
  load(programs: readonly string[], leftOut: readonly string[] = []): void {
    for (const name of leftOut) callLibbpf('bpf_program__set_autoload', this.#program(name), 0);
    const result = callLibbpf('bpf_object__load', this.#object);
    if (result >= 0) return;
    const errno = -result < ownErrnos ? -result : constants.errno.EINVAL;
    const { refused, log } = this.#whyRefused(programs, leftOut);
    throw new ProgramRefusedError(errno, refused === undefined ? this.name : `${this.name}, ${refused}`, log);
  }

  /** Has it loaded once more, and the verifier say why not: an object that was refused cannot be loaded again. */
  #whyRefused(
    programs: readonly string[],
    leftOut: readonly string[],
  ): { readonly refused?: string; readonly log: readonly string[] } {
    using again = new BpfObject(this.bytes, this.name);
    if (this.#value !== undefined) again.set(this.#value);
    for (const name of leftOut) callLibbpf('bpf_program__set_autoload', again.#program(name), 0);
    const logs = programs
      .filter((name) => !leftOut.includes(name))
      .map((name) => {
        const log = Buffer.alloc(logSize);
        callLibbpf('bpf_program__set_log_buf', again.#program(name), log, log.length);
        return { refused: name, log };
      });
    callLibbpf('bpf_object__load', again.#object);
    // They are loaded one after the other: the one that was refused is the last of which the verifier spoke
    const last = logs.findLast(({ log }) => log[0] !== 0);
    return last === undefined ? { log: [] } : { refused: last.refused, log: linesOf(last.log) };
  }

  /** Attaches a program as its section says. @throws SyscallError as bpf(BPF_LINK_CREATE) and bpf(BPF_RAW_TRACEPOINT_OPEN) */
  attach(program: string): number {
    const link = callLibbpf('bpf_program__attach', this.#program(program));
    this.#links.push(pointer(link, 'bpf_program__attach', program));
    return link;
  }

  /** The descriptor of a map, which is the object's. */
  map(name: string): number {
    return check(callLibbpf('bpf_map__fd', this.#map(name)), 'bpf_map__fd', name);
  }

  /** Has an iterator run once for each read(2) to the end. @throws SyscallError as bpf(BPF_ITER_CREATE) */
  iterate(program: string): Fd {
    const link = this.attach(program);
    return new Fd(check(callLibbpf('bpf_iter_create', callLibbpf('bpf_link__fd', link)), 'bpf(BPF_ITER_CREATE)'));
  }

  #map(name: string): number {
    return pointer(callLibbpf('bpf_object__find_map_by_name', this.#object, name), 'find', name);
  }

  #program(name: string): number {
    return pointer(callLibbpf('bpf_object__find_program_by_name', this.#object, name), 'find', name);
  }

  [Symbol.dispose](): void {
    for (const link of this.#links.splice(0)) callLibbpf('bpf_link__destroy', link);
    callLibbpf('bpf_object__close', this.#object);
  }
}

/** From here on errnos are libbpf's own. <bpf/libbpf.h> */
const ownErrnos = 4000;

/** @throws SyscallError EINVAL for a null pointer */
function pointer(value: number, call: string, subject: string): number {
  if (value === 0) throw new SyscallError(call, constants.errno.EINVAL, subject);
  return value;
}

function linesOf(log: Buffer): string[] {
  const end = log.indexOf(0);
  return log
    .toString('latin1', 0, end < 0 ? log.length : end)
    .split('\n')
    .filter((line) => line !== '');
}
