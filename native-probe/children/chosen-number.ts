/**
 * Starting a process that has a certain number: what an attacker waits for, and
 * whoever rules a PID namespace can have at once. pid_namespaces(7)
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { constants } from 'node:os';

import type { LibraryCall } from '../calls/call-chain.js';
import { CallingChild } from '../calls/calling-child.js';
import * as libc from '../libc.js';
import { isReadable } from '../poll.js';
import { asSyscall, failedWith, SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { openSocketPair } from '../unix-socket.js';

/** The number that was given last in the PID namespace of whoever reads or writes it. proc_sys_kernel(5) */
const lastPid = '/proc/sys/kernel/ns_last_pid';

/**
 * Sets the number that was given last, and starts a process, which gets the next one.
 *
 * @returns undefined when another got the number first
 * @throws SyscallError EROFS, EACCES, EPERM or ENOENT where the file cannot be written
 */
export function startAfterLastPid(number: number, calls: readonly LibraryCall[]): CallingChild | undefined {
  asSyscall(lastPid, () => {
    const fd = openSync(lastPid, 'r+');
    try {
      writeSync(fd, `${number - 1}`);
    } finally {
      closeSync(fd);
    }
  });
  const child = CallingChild.start(calls);
  if (child.pid === number) return child;
  child[Symbol.dispose]();
  return undefined;
}

/** Milliseconds to wait for the child that makes the process. It takes less than one, but the machine may be busy. */
const patience = 20_000;

/** Up to set_tid_size, in 64-bit fields: struct clone_args in <linux/sched.h>. */
const cloneArgsSize = 80;
const [setTidOffset, setTidSizeOffset] = [64, 72] as const;

/**
 * Starts a process by clone3(2) with set_tid. Raw clone3(2) goes on in the child
 * where the parent is, which Node cannot: so a child of ours makes it, as a
 * sibling of its own (CLONE_PARENT).
 *
 * @returns undefined when the kernel did not give the number: another has it, or it may not be chosen
 */
export function startWithSetTid(number: number, calls: readonly LibraryCall[]): CallingChild | undefined {
  const [ours, its] = openSocketPair('stream');
  using near = ours;
  using far = its;
  // The number stands behind the struct that points to it
  const args = Buffer.alloc(cloneArgsSize + 4);
  args.writeInt32LE(number, cloneArgsSize);
  // With CLONE_VFORK the maker stands still while the new process runs; where none was made, the maker goes on
  args.writeBigUInt64LE(BigInt(uapi.CLONE_PARENT | uapi.CLONE_VFORK), 0);
  args.writeBigUInt64LE(libc.addressOfBuffer(args) + BigInt(cloneArgsSize), setTidOffset);
  args.writeBigUInt64LE(1n, setTidSizeOffset);
  using _maker = CallingChild.start([
    ['syscall', uapi.NR_clone3, args, cloneArgsSize],
    ['write', far.number, Buffer.from('+'), 1],
    ...calls,
  ]);
  // The maker has ended without a word where a sandbox kills it
  if (!isReadable(near, patience)) throw new SyscallError('clone3', constants.errno.ETIMEDOUT, 'in a child');
  try {
    return CallingChild.adopt(number);
  } catch (error) {
    // EINVAL and ENOENT: a thread has the number
    if (failedWith(error, 'ESRCH', 'ECHILD', 'EINVAL', 'ENOENT')) return undefined;
    throw error;
  }
}
