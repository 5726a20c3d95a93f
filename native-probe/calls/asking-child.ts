/** A child that makes a few calls, answers once, and may be given up: they can sleep in a file system for ever. */
import { constants } from 'node:os';

import type { Fd } from '../fd.js';
import * as libc from '../libc.js';
import { MessageReceiver } from '../message.js';
import { isReadable } from '../poll.js';
import { SyscallError } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { openSocketPair } from '../unix-socket.js';
import type { LibraryCall } from './call-chain.js';
import { CallingChild } from './calling-child.js';
import { leave, limitOf, requireAnswers, saysNothing } from './given-up.js';
import { afterSignal } from './patience.js';
import { withoutSignals } from './without-signals.js';
import { milliseconds } from '../monotonic-clock.js';

/** Bytes of an answer: one message. */
const room = 64 * 1024;

/** What the child is to do. */
export interface ChildQuestion {
  /** What an error calls it. */
  readonly subject: string;
  /** Descriptors of ours that the calls use, as 1 and up. */
  readonly descriptors: readonly Fd[];
  /** Calls whose answers do not matter, but for the errno of the last that fails. */
  readonly calls: readonly LibraryCall[];
  /** Buffers that the calls fill, of which each becomes one message: at most 64 KiB. */
  readonly answers: readonly Buffer[];
}

/** The child's answers: the errno of a call that failed, else 0, and the buffers. */
export interface ChildAnswer {
  readonly errno: number;
  readonly answers: readonly Buffer[];
}

/**
 * Has a child make some calls.
 *
 * @param isWhole - whether the answers that have come are all that are wanted
 * @throws SyscallError ETIMEDOUT where the answers do not come in time, EBUSY where too many others did not, ENOSYS
 * where the C library has no setcontext(3)
 */
export function askChild(
  { subject, descriptors, calls, answers }: ChildQuestion,
  isWhole: (last: Buffer) => boolean = () => false,
): ChildAnswer {
  requireAnswers(subject);
  const [near, far] = openSocketPair('seqpacket');
  using ours = near;
  const child = startAsking(far, descriptors, calls, answers);
  const asked = milliseconds();
  const receiver = new MessageReceiver(1, room);
  const received: Buffer[] = [];
  let errno: number | undefined;
  let hasEnded = false;
  try {
    while (isReadable(ours, limitOf(asked), afterSignal)) {
      const [message] = receiver.receive(ours, false);
      if (message === undefined) continue;
      if (message.length === 0) throw new SyscallError('stat', constants.errno.ECHILD, subject);
      if (errno === undefined) errno = message.data.readInt32LE();
      else received.push(Buffer.from(message.data));
      const last = received.at(-1);
      hasEnded = received.length === answers.length;
      if (hasEnded || (last !== undefined && isWhole(last))) return { errno, answers: received };
    }
    throw saysNothing(subject);
  } finally {
    if (hasEnded) child[Symbol.dispose]();
    else leave(child);
  }
}

/** @param far - the child's end, which is closed here */
function startAsking(
  far: Fd,
  descriptors: readonly Fd[],
  calls: readonly LibraryCall[],
  answers: readonly Buffer[],
): CallingChild {
  using theirs = far;
  // Above all that are copied down, so that none is written over before its turn
  const high = Math.max(theirs.number, ...descriptors.map(({ number }) => number), descriptors.length) + 1;
  return withoutSignals(() =>
    CallingChild.start([
      ...[theirs, ...descriptors].map((fd, index): LibraryCall => ['dup2', fd.number, high + index]),
      ...[theirs, ...descriptors].map((_, index): LibraryCall => ['dup2', high + index, index]),
      // Else it would keep open what we close, for as long as it sleeps
      ['syscall', uapi.NR_close_range, descriptors.length + 1, 0xffffffff, 0],
      ['memset', libc.addressOfErrno(), 0, 4],
      ...calls,
      ['write', 0, libc.addressOfErrno(), 4],
      ...answers.map((answer): LibraryCall => ['write', 0, answer, answer.length]),
    ]),
  );
}
