/**
 * Programs for getsockopt(2), a few instructions of eBPF each, by hand: no
 * compiler and no library is needed for these.
 * <linux/bpf.h>, Documentation/bpf/prog_cgroup_sockopt.rst
 */
import { uapi } from '../uapi.js';

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

/** What a program returns: 0 refuses with EPERM, 1 lets the answer through as it is now. */
const verdicts = { refuse: 0, pass: 1 } as const;

/** Offsets in struct bpf_sockopt. */
const sockopt = { optval: 8, optvalEnd: 16, level: 24, optname: 28 } as const;

/** sizeof(struct bpf_insn) */
export const instructionSize = 8;

interface Operands {
  readonly dst?: number;
  readonly src?: number;
  readonly off?: number;
  readonly imm?: number;
}

/** struct bpf_insn, which is little-endian where the machine is. */
function instruction(code: number, { dst = 0, src = 0, off = 0, imm = 0 }: Operands = {}): Buffer {
  const bytes = Buffer.alloc(instructionSize);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8((src << 4) | dst, 1);
  bytes.writeInt16LE(off, 2);
  bytes.writeInt32LE(imm, 4);
  return bytes;
}

/**
 * The program that writes a pid into what SO_PEERCRED answers.
 *
 * @param others - whether every other option is let through or refused with EPERM
 */
export function rewritePeerPid(pid: number, others: keyof typeof verdicts = 'pass'): Buffer {
  return Buffer.concat([
    instruction(op.loadWord, { dst: r2, src: r1, off: sockopt.level }),
    instruction(op.skipUnlessEqual, { dst: r2, imm: uapi.SOL_SOCKET, off: 10 }), // to the others
    instruction(op.loadWord, { dst: r2, src: r1, off: sockopt.optname }),
    instruction(op.skipUnlessEqual, { dst: r2, imm: uapi.SO_PEERCRED, off: 8 }),
    instruction(op.loadLong, { dst: r2, src: r1, off: sockopt.optval }), // struct ucred
    instruction(op.loadLong, { dst: r3, src: r1, off: sockopt.optvalEnd }),
    instruction(op.copy, { dst: r0, src: r2 }),
    instruction(op.add, { dst: r0, imm: 4 }), // the end of its first field, the pid
    instruction(op.skipIfGreater, { dst: r0, src: r3, off: 1 }), // the verifier wants to see this
    instruction(op.storeWord, { dst: r2, imm: pid }),
    instruction(op.set, { dst: r0, imm: verdicts.pass }),
    instruction(op.exit),
    instruction(op.set, { dst: r0, imm: verdicts[others] }), // the others
    instruction(op.exit),
  ]);
}

/** The program that refuses every getsockopt(2) with EPERM. */
export function refuseAll(): Buffer {
  return Buffer.concat([instruction(op.set, { dst: r0, imm: verdicts.refuse }), instruction(op.exit)]);
}
