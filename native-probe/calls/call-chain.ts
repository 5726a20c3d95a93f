/**
 * A few calls of the C library, one after the other, for whoever starts in setcontext(3): each call returns into
 * the context of the next. Nothing of JavaScript runs in them, and nothing learns what they return.
 */
import { constants } from 'node:os';

import * as libc from '../libc.js';
import { check, SyscallError } from '../syscall-error.js';

/** A function of the C library and up to five arguments; a buffer is passed as a pointer to it. */
export type LibraryCall = readonly [name: string, ...args: (number | bigint | Buffer)[]];

/** Enough for a struct ucontext_t, which is 968 bytes on x86_64 and 4560 on arm64. <sys/ucontext.h> */
const contextSize = 8192;
/** Offsets in struct ucontext_t: uc_link, and of uc_stack the ss_sp and the ss_size. */
const [linkOffset, stackOffset, stackSizeOffset] = [8, 16, 32] as const;
const stackSize = 64 * 1024;
const maxArguments = 5;

/** The contexts of a chain of calls, and all that they point to: to be kept from garbage collection while they are used. */
export class CallChain {
  readonly #contexts: Buffer[] = [];
  readonly #stacks: Buffer[] = [];
  #arguments: Buffer[] = [];

  /**
   * Makes the contexts of these calls, in the place of those that were made before.
   *
   * @returns the struct ucontext_t of the first, linked to those of the others. The last call must not return.
   * @throws SyscallError ENOSYS when the C library has no such function
   */
  of(calls: readonly LibraryCall[]): Buffer {
    this.#arguments = [];
    let next: Buffer | undefined;
    for (let index = calls.length - 1; index >= 0; index--) next = this.#context(index, calls[index], next);
    if (next === undefined) throw new Error('a chain has at least one call');
    return next;
  }

  #context(
    index: number,
    [name = '', ...args]: readonly [name?: string, ...rest: (number | bigint | Buffer)[]] = [],
    next?: Buffer,
  ): Buffer {
    const context = (this.#contexts[index] ??= gotten(Buffer.allocUnsafeSlow(contextSize)));
    const stack = (this.#stacks[index] ??= Buffer.allocUnsafeSlow(stackSize));
    context.writeBigUInt64LE(next === undefined ? 0n : libc.addressOfBuffer(next), linkOffset);
    context.writeBigUInt64LE(libc.addressOfBuffer(stack), stackOffset);
    context.writeBigUInt64LE(BigInt(stackSize), stackSizeOffset);
    const values = Array.from({ length: maxArguments }, (_, position) => {
      const argument = args[position] ?? 0;
      if (!Buffer.isBuffer(argument)) return BigInt(argument);
      this.#arguments.push(argument);
      return libc.addressOfBuffer(argument);
    });
    libc.makecontext(context, functionNamed(name), maxArguments, values);
    return context;
  }

  /** The top of a stack, which grows down, for who starts in setcontext(3) without one. */
  stackTop(): bigint {
    const stack = Buffer.allocUnsafeSlow(stackSize);
    this.#arguments.push(stack);
    return (libc.addressOfBuffer(stack) + BigInt(stackSize)) & ~15n;
  }

  /** Lets go of the memory. A reference after the call that uses the contexts keeps it until then. */
  free(): void {
    this.#contexts.length = 0;
    this.#stacks.length = 0;
    this.#arguments.length = 0;
  }
}

function gotten(context: Buffer): Buffer {
  check(libc.getcontext(context), 'getcontext');
  return context;
}

const functions = new Map<string, bigint>();

/** The address of a function of the C library. @throws SyscallError ENOSYS when it has none of that name */
export function functionNamed(name: string): bigint {
  let address = functions.get(name);
  if (address === undefined) {
    address = libc.addressOfFunction(name);
    functions.set(name, address);
  }
  if (address === 0n) throw new SyscallError(name, constants.errno.ENOSYS);
  return address;
}
