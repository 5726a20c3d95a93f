/** Calls of the C library in a chain of contexts, each of which continues in the next when its function returns: makecontext(3). */
import { constants } from 'node:os';

import * as libc from '../libc.js';
import { check, SyscallError } from '../syscall-error.js';

/** Stands for a pointer to where the first argument of the next call is kept, so that this call can write it. */
export const nextArgument = Symbol('where the first argument of the next call is kept');

/** A function of the C library and up to five arguments; a buffer is passed as a pointer to a copy of it. */
export type LibraryCall = readonly [name: string, ...args: (number | bigint | Buffer | typeof nextArgument)[]];

/** Enough for a struct ucontext_t, which is 968 bytes on x86_64 and 4560 on arm64. <sys/ucontext.h> */
const contextSize = 8192;
/** Offsets in struct ucontext_t: uc_link, and of uc_stack the ss_sp and the ss_size. */
const [linkOffset, stackOffset, stackSizeOffset] = [8, 16, 32] as const;
export const stackSize = 64 * 1024;
/**
 * More than any function takes. On x86_64 those after the sixth lie on the stack between the address that the function
 * returns to and what setcontext(3) writes over there, so that the context can be entered again.
 */
const argumentCount = 10;

interface Context {
  readonly context: Buffer;
  readonly stack: Buffer;
}

/**
 * The struct ucontext_t of the first of the calls, linked to those of the others.
 *
 * @param repeated - made after the others, the last of them linked to the first
 * @param buffers - what they point to is added to it
 * @throws SyscallError ENOSYS for a function that the C library does not have
 */
export function contextsOf(calls: readonly LibraryCall[], repeated: readonly LibraryCall[], buffers: Buffer[]): Buffer {
  const all = [...calls, ...repeated];
  const contexts = all.map(() => newContext(buffers));
  const afterLast = repeated.length > 0 ? contexts[calls.length] : undefined;
  all.forEach(([name, ...args], index) => {
    const next = contexts[index + 1] ?? afterLast;
    const values = args.map((argument) => {
      if (argument === nextArgument) return next === undefined ? 0n : addressOf(next) + BigInt(firstArgumentOffset());
      if (!Buffer.isBuffer(argument)) return BigInt(argument);
      buffers.push(argument);
      return libc.addressOfBuffer(argument);
    });
    make(contexts[index], name, values, next === undefined ? 0n : addressOf(next));
  });
  return contexts[0]?.context ?? Buffer.alloc(0);
}

function newContext(buffers: Buffer[]): Context {
  const made = { context: Buffer.alloc(contextSize), stack: Buffer.allocUnsafeSlow(stackSize) };
  buffers.push(made.context, made.stack);
  return made;
}

function addressOf({ context }: Context): bigint {
  return libc.addressOfBuffer(context);
}

function make(made: Context | undefined, name: string, values: readonly bigint[], link: bigint): void {
  if (made === undefined) return;
  const { context, stack } = made;
  check(libc.getcontext(context), 'getcontext');
  context.writeBigUInt64LE(link, linkOffset);
  context.writeBigUInt64LE(libc.addressOfBuffer(stack), stackOffset);
  context.writeBigUInt64LE(BigInt(stackSize), stackSizeOffset);
  const all = Array.from({ length: argumentCount }, (_, index) => values[index] ?? 0n);
  libc.makecontext(context, functionNamed(name), argumentCount, all);
}

let offset: number | undefined;

/** Where in a struct ucontext_t the register of the first argument is: found by its value. */
function firstArgumentOffset(): number {
  if (offset !== undefined) return offset;
  const made = newContext([]);
  const mark = Buffer.from('argument');
  make(made, 'close', [mark.readBigInt64LE()], 0n);
  const found = made.context.indexOf(mark);
  if (found < 0) throw new SyscallError('makecontext', constants.errno.ENOSYS);
  return (offset = found);
}

/** The address of a function. @throws SyscallError ENOSYS when the C library does not have it */
export function functionNamed(name: string): bigint {
  const address = libc.addressOfFunction(name);
  if (address === 0n) throw new SyscallError(name, constants.errno.ENOSYS);
  return address;
}
