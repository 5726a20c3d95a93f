/** Loading a BPF program, and what the kernel tells of those that are loaded: bpf(2), <linux/bpf.h>. */
import { constants } from 'node:os';

import { Fd } from '../fd.js';
import { check, failedWith } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { callBpf } from './bpf-call.js';
import { instructionSize } from './bpf-instructions.js';

/** Bytes of a program's name, with the NUL at its end. BPF_OBJ_NAME_LEN in <linux/bpf.h> */
const nameSize = 16;

/** Offsets of BPF_PROG_LOAD in union bpf_attr. */
const load = { insns: 8, license: 16, logLevel: 24, logSize: 28, logBuffer: 32, name: 48, attachType: 68 } as const;

/**
 * bpf(BPF_PROG_LOAD) of a program for getsockopt(2) on a cgroup. Linux 5.3.
 *
 * @param instructions - of bpf-instructions.ts
 * @param name - what `bpftool prog` shows: up to 15 letters, digits, `_` and `.`
 * @throws SyscallError EPERM without CAP_BPF and CAP_NET_ADMIN (before 5.8
 * CAP_SYS_ADMIN); ENOSYS without bpf(2); EACCES or EINVAL from the verifier, with its words as the subject
 */
export function loadGetsockoptProgram(instructions: Buffer, name: string): Fd {
  const license = Buffer.from('GPL\0');
  const log = Buffer.alloc(16 * 1024);
  const attr = Buffer.alloc(72);
  attr.writeUInt32LE(uapi.BPF_PROG_TYPE_CGROUP_SOCKOPT, 0);
  attr.writeUInt32LE(instructions.length / instructionSize, 4);
  attr.writeUInt32LE(1, load.logLevel);
  attr.writeUInt32LE(log.length, load.logSize);
  attr.write(name.slice(0, nameSize - 1), load.name, 'latin1');
  attr.writeUInt32LE(uapi.BPF_CGROUP_GETSOCKOPT, load.attachType);
  const result = callBpf(uapi.BPF_PROG_LOAD, attr, [
    [load.insns, instructions],
    [load.license, license],
    [load.logBuffer, log],
  ]);
  return new Fd(check(result, 'bpf(BPF_PROG_LOAD)', log.toString('latin1', 0, log.indexOf(0)).trim()));
}

/** What the kernel says of a loaded program. */
export interface ProgramInfo {
  /** BPF_PROG_TYPE_*. */
  readonly type: number;
  /** Unique as long as it is loaded; what `bpftool prog show id` takes. */
  readonly id: number;
  /** The name that its loader gave it, cut at 15 bytes; empty for none. */
  readonly name: string;
  /** The uid that loaded it, in the initial user namespace. */
  readonly loadedBy: number;
}

/** Offsets in struct bpf_prog_info. */
const info = { type: 0, id: 4, createdByUid: 48, name: 64 } as const;

/** bpf(BPF_OBJ_GET_INFO_BY_FD). Linux 4.13, the name 4.15. */
export function programInfo(program: Fd): ProgramInfo {
  const answer = Buffer.alloc(info.name + nameSize);
  const attr = Buffer.alloc(16);
  attr.writeUInt32LE(program.number, 0);
  attr.writeUInt32LE(answer.length, 4);
  check(callBpf(uapi.BPF_OBJ_GET_INFO_BY_FD, attr, [[8, answer]]), 'bpf(BPF_OBJ_GET_INFO_BY_FD)');
  const name = answer.subarray(info.name);
  return {
    type: answer.readUInt32LE(info.type),
    id: answer.readUInt32LE(info.id),
    name: name.toString('latin1', 0, name.indexOf(0)),
    loadedBy: answer.readUInt32LE(info.createdByUid),
  };
}

/**
 * bpf(BPF_PROG_GET_FD_BY_ID), and what the kernel says of that program.
 * Linux 4.13.
 *
 * @returns undefined when the program was unloaded meanwhile
 * @throws SyscallError EPERM without CAP_SYS_ADMIN in the initial user namespace
 */
export function programOfId(id: number): ProgramInfo | undefined {
  const attr = Buffer.alloc(12);
  attr.writeUInt32LE(id, 0);
  try {
    using program = new Fd(check(callBpf(uapi.BPF_PROG_GET_FD_BY_ID, attr), 'bpf(BPF_PROG_GET_FD_BY_ID)', `${id}`));
    return programInfo(program);
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Whether any program for getsockopt(2) or setsockopt(2) is loaded on this machine: of all that bpf(BPF_PROG_GET_NEXT_ID)
 * gives. Linux 4.13.
 *
 * @throws SyscallError EPERM without CAP_SYS_ADMIN in the initial user namespace
 */
export function isAnySockoptProgramLoaded(): boolean {
  const attr = Buffer.alloc(12);
  for (;;) {
    const result = callBpf(uapi.BPF_PROG_GET_NEXT_ID, attr);
    // ENOENT: that was the last
    if (result === -constants.errno.ENOENT) return false;
    check(result, 'bpf(BPF_PROG_GET_NEXT_ID)');
    const id = attr.readUInt32LE(4);
    if (programOfId(id)?.type === uapi.BPF_PROG_TYPE_CGROUP_SOCKOPT) return true;
    attr.writeUInt32LE(id, 0);
  }
}
