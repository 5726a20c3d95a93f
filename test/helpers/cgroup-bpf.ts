/**
 * A getsockopt program on a cgroup of a test's own: a few instructions of
 * eBPF by hand, loaded with bpf(2). <linux/bpf.h>, Documentation/bpf/prog_cgroup_sockopt.rst
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cgroup2Mount } from '../../native-probe/cgroup.js';
import { Fd } from '../../native-probe/fd.js';
import { addressOfBuffer, bpf } from '../../native-probe/libc.js';
import { check } from '../../native-probe/syscall-error.js';
import { uapi } from '../../native-probe/uapi.js';
import { waitFor } from './wait-for.js';

/** <linux/bpf.h>, <linux/bpf_common.h>: class | size | mode, or class | operation | source. */
const op = {
  loadWord: 0x61, // BPF_LDX | BPF_W | BPF_MEM: dst = *(u32 *)(src + off)
  loadLong: 0x79, // BPF_LDX | BPF_DW | BPF_MEM: dst = *(u64 *)(src + off)
  storeWord: 0x62, // BPF_ST | BPF_W | BPF_MEM: *(u32 *)(dst + off) = imm
  set: 0xb7, // BPF_ALU64 | BPF_MOV | BPF_K: dst = imm
  copy: 0xbf, // BPF_ALU64 | BPF_MOV | BPF_X: dst = src
  add: 0x07, // BPF_ALU64 | BPF_ADD | BPF_K: dst += imm
  skipUnlessEqual: 0x55, // BPF_JMP | BPF_JNE | BPF_K: if dst != imm, skip off instructions
  skipIfGreater: 0x2d, // BPF_JMP | BPF_JGT | BPF_X: if dst > src, skip off instructions
  exit: 0x95, // BPF_JMP | BPF_EXIT: return r0
} as const;

/** Registers: r0 is what is returned, r1 points to the struct bpf_sockopt. */
const [r0, r1, r2, r3] = [0, 1, 2, 3] as const;

/** Offsets in struct bpf_sockopt. */
const sockopt = { optval: 8, optvalEnd: 16, level: 24, optname: 28 } as const;

interface Operands {
  readonly dst?: number;
  readonly src?: number;
  readonly off?: number;
  readonly imm?: number;
}

/** struct bpf_insn */
function instruction(code: number, { dst = 0, src = 0, off = 0, imm = 0 }: Operands = {}): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8((src << 4) | dst, 1);
  bytes.writeInt16LE(off, 2);
  bytes.writeInt32LE(imm, 4);
  return bytes;
}

/** Writes a pid into what SO_PEERCRED answers, and lets everything else through. */
export function rewritePeerPid(pid: number): Buffer {
  return Buffer.concat([
    instruction(op.loadWord, { dst: r2, src: r1, off: sockopt.level }),
    instruction(op.skipUnlessEqual, { dst: r2, imm: uapi.SOL_SOCKET, off: 8 }), // to the end
    instruction(op.loadWord, { dst: r2, src: r1, off: sockopt.optname }),
    instruction(op.skipUnlessEqual, { dst: r2, imm: uapi.SO_PEERCRED, off: 6 }),
    instruction(op.loadLong, { dst: r2, src: r1, off: sockopt.optval }), // struct ucred
    instruction(op.loadLong, { dst: r3, src: r1, off: sockopt.optvalEnd }),
    instruction(op.copy, { dst: r0, src: r2 }),
    instruction(op.add, { dst: r0, imm: 4 }), // the end of its first field, the pid
    instruction(op.skipIfGreater, { dst: r0, src: r3, off: 1 }), // the verifier wants to see this
    instruction(op.storeWord, { dst: r2, imm: pid }),
    instruction(op.set, { dst: r0, imm: 1 }), // the end: 1 lets the answer through
    instruction(op.exit),
  ]);
}

/** Refuses every getsockopt(2) with EPERM. */
export function refuseAll(): Buffer {
  return Buffer.concat([instruction(op.set, { dst: r0, imm: 0 }), instruction(op.exit)]);
}

function pointer(attr: Buffer, offset: number, to: Buffer): void {
  attr.writeBigUInt64LE(addressOfBuffer(to), offset);
}

/** bpf(BPF_PROG_LOAD). @throws SyscallError with the verifier's words as its subject */
function load(program: Buffer): Fd {
  const license = Buffer.from('GPL\0');
  const log = Buffer.alloc(16 * 1024);
  const attr = Buffer.alloc(72);
  attr.writeUInt32LE(uapi.BPF_PROG_TYPE_CGROUP_SOCKOPT, 0);
  attr.writeUInt32LE(program.length / 8, 4);
  pointer(attr, 8, program);
  pointer(attr, 16, license);
  attr.writeUInt32LE(1, 24); // log_level
  attr.writeUInt32LE(log.length, 28);
  pointer(attr, 32, log);
  attr.writeUInt32LE(uapi.BPF_CGROUP_GETSOCKOPT, 68); // expected_attach_type
  const result = bpf(uapi.NR_bpf, uapi.BPF_PROG_LOAD, attr, attr.length);
  // Read here, so that all three buffers live until after the call
  const words = [program, license, log].map((buffer) => buffer.toString('latin1'))[2] ?? '';
  return new Fd(check(result, 'bpf(BPF_PROG_LOAD)', words.slice(0, Math.max(0, words.indexOf('\0')))));
}

/** BPF_PROG_ATTACH and BPF_PROG_DETACH take the same attributes. */
function attachment(command: number, name: string, cgroup: number, program: Fd): void {
  const attr = Buffer.alloc(16);
  attr.writeUInt32LE(cgroup, 0);
  attr.writeUInt32LE(program.number, 4);
  attr.writeUInt32LE(uapi.BPF_CGROUP_GETSOCKOPT, 8);
  check(bpf(uapi.NR_bpf, command, attr, attr.length), name);
}

/** A cgroup with a getsockopt program on it. Sockets that are made inside pass through the program for as long as they live. */
export class BpfCgroup implements AsyncDisposable {
  readonly #directory: string;
  readonly #fd: number;
  readonly #program: Fd;

  private constructor(mount: string, program: Buffer) {
    this.#program = load(program);
    this.#directory = mkdtempSync(join(mount, 'peerpid-test-'));
    this.#fd = openSync(this.#directory, uapi.O_DIRECTORY);
    try {
      attachment(uapi.BPF_PROG_ATTACH, 'bpf(BPF_PROG_ATTACH)', this.#fd, this.#program);
    } catch (error) {
      this.#close();
      rmdirSync(this.#directory);
      throw error;
    }
  }

  static with(program: Buffer): BpfCgroup {
    const mount = cgroup2Mount();
    if (mount === undefined) throw new Error('there is no cgroup v2 tree');
    return new BpfCgroup(mount, program);
  }

  /** Moves a process in. Sockets that it has already stay outside. */
  take(pid: number): void {
    writeFileSync(join(this.#directory, 'cgroup.procs'), String(pid));
  }

  /** A command that runs another inside. */
  get wrapper(): string[] {
    return ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', this.#directory];
  }

  #close(): void {
    closeSync(this.#fd);
    this.#program[Symbol.dispose]();
  }

  /** Whoever is still in it goes back to the root, since only an empty one can be removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    attachment(uapi.BPF_PROG_DETACH, 'bpf(BPF_PROG_DETACH)', this.#fd, this.#program);
    this.#close();
    await waitFor(`${this.#directory} is removed`, () => isRemoved(this.#directory));
  }
}

/** A process that is just ending keeps it busy for a moment, though it is not listed any more. */
function isRemoved(directory: string): boolean {
  for (const pid of readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n')) {
    if (pid !== '') moveToRoot(pid);
  }
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

function moveToRoot(pid: string): void {
  try {
    writeFileSync(join(cgroup2Mount() ?? '', 'cgroup.procs'), pid);
  } catch {
    // it has ended meanwhile
  }
}

/** Why no such program can be tried here; undefined when it can. */
export async function whyNoCgroupBpf(): Promise<string | undefined> {
  try {
    await using _tried = BpfCgroup.with(refuseAll());
    return undefined;
  } catch (error) {
    return String(error);
  }
}
