/** Calls of the C library in a chain of contexts, each of which continues in the next when its function returns: makecontext(3). */
import { constants } from 'node:os';

import * as libc from '../libc.js';
import { check, SyscallError } from '../syscall-error.js';

/**
 * Stands for a pointer to where the first argument of the next call is kept, so that this call can write it: or as many
 * bytes before that.
 */
export class NextArgument {
  constructor(readonly bytesBefore = 0) {}
}
export const nextArgument = new NextArgument();

/** A function of the C library and up to five arguments; a buffer is passed as a pointer to a copy of it. */
export type LibraryCall = readonly [name: string, ...args: Argument[]];
type Argument = number | bigint | Buffer | NextArgument;

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

/** A struct ucontext_t, and the stack of its function. */
export interface Context {
  readonly context: Buffer;
  readonly stack: Buffer;
}

/** How memory is had: by default it is garbage-collected once nobody has it any more. */
type Allocate = (size: number) => Buffer;

const collected: Allocate = (size) => Buffer.alloc(size);

/**
 * The contexts of calls, each linked to the next: whoever enters the first makes them all.
 *
 * @param repeated - made after the others, the last of them linked to the first
 * @param buffers - the contexts, and what the calls point to, are added to it
 * @throws SyscallError ENOSYS for a function that the C library does not have
 */
export function contextsOf(
  calls: readonly LibraryCall[],
  repeated: readonly LibraryCall[],
  buffers: Buffer[],
  allocate: Allocate = collected,
): [Context, ...Context[]] {
  const all = [...calls, ...repeated];
  const contexts = all.map(() => newContext(allocate));
  const afterLast = repeated.length > 0 ? contexts[calls.length] : undefined;
  contexts.forEach((made, index) => {
    buffers.push(made.context, made.stack);
    const call = all[index];
    if (call !== undefined) setCall(made, call, contexts[index + 1] ?? afterLast, buffers);
  });
  const [first, ...others] = contexts;
  if (first === undefined) throw new Error('a chain has at least one call');
  return [first, ...others];
}

/** One in which nothing is to be called yet. @param stack - bytes of the stack */
export function newContext(allocate: Allocate, stack = stackSize): Context {
  const made = { context: allocate(contextSize), stack: allocate(stack) };
  check(libc.getcontext(made.context), 'getcontext');
  return made;
}

/**
 * Has whoever enters a context make this call, and then enter the next. Nobody may be in the context.
 *
 * @param buffers - what the call points to is added to it
 */
export function setCall(
  { context, stack }: Context,
  [name, ...args]: LibraryCall,
  next: Context | undefined,
  buffers: Buffer[],
): void {
  const link = next === undefined ? 0n : libc.addressOfBuffer(next.context);
  const values = Array.from({ length: argumentCount }, (_, index) => {
    const argument = args[index] ?? 0;
    if (argument instanceof NextArgument)
      return link === 0n ? 0n : link + BigInt(firstArgumentOffset() - argument.bytesBefore);
    if (!Buffer.isBuffer(argument)) return BigInt(argument);
    buffers.push(argument);
    return libc.addressOfBuffer(argument);
  });
  context.writeBigUInt64LE(link, linkOffset);
  context.writeBigUInt64LE(libc.addressOfBuffer(stack), stackOffset);
  context.writeBigUInt64LE(BigInt(stack.length), stackSizeOffset);
  libc.makecontext(context, functionNamed(name), argumentCount, values);
}

/** Gives the call of a context another first argument, a descriptor. Nobody may be in the context. */
export function setFirstArgument({ context }: Context, descriptor: number): void {
  const at = firstArgumentOffset();
  context.writeInt32LE(descriptor, at);
  context.writeInt32LE(0, at + 4);
}

let offset: number | undefined;

/** Where in a struct ucontext_t the register of the first argument is: found by its value. */
function firstArgumentOffset(): number {
  if (offset !== undefined) return offset;
  const made = newContext(collected);
  const mark = Buffer.from('argument');
  setCall(made, ['close', mark.readBigInt64LE()], undefined, []);
  const found = made.context.indexOf(mark);
  if (found < 0) throw new SyscallError('makecontext', constants.errno.ENOSYS);
  return (offset = found);
}

const functions = new Map<string, bigint>();

/** The address of a function. @throws SyscallError ENOSYS when the C library does not have it */
export function functionNamed(name: string): bigint {
  let address = functions.get(name);
  if (address === undefined) functions.set(name, (address = libc.addressOfFunction(name)));
  if (address === 0n) throw new SyscallError(name, constants.errno.ENOSYS);
  return address;
}
