import { addressOfBuffer, bpf } from '../libc.js';
import { uapi } from '../uapi.js';

/** Where in `union bpf_attr` a pointer goes, and what it points to. */
export type BpfPointer = readonly [offset: number, to: Buffer];

/**
 * bpf(2): bpf(cmd, attr, sizeof(attr)), where `attr` points to these buffers.
 *
 * @returns what the kernel answered, or a negated errno
 */
export function callBpf(command: number, attr: Buffer, pointers: BpfPointer[] = []): number {
  for (const [offset, to] of pointers) attr.writeBigUInt64LE(addressOfBuffer(to), offset);
  const result = bpf(uapi.NR_bpf, command, attr, attr.length);
  // A reference to the buffers after the call, so that they are not garbage-collected before it
  pointers.length = 0;
  return result;
}
