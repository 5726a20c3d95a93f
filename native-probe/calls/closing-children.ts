/**
 * close(2) by child processes that share our table of descriptors: it may sleep
 * for ever, in a file system that does not answer a flush or a TCP socket that
 * lingers, and a thread of ours that does so would keep us from ending, too.
 */
import { writeSync } from 'node:fs';
import { constants } from 'node:os';

import { Fd } from '../fd.js';
import * as libc from '../libc.js';
import { openPidfd } from '../pidfd.js';
import { pollEntry } from '../poll.js';
import { check } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { nextArgument } from './call-chain.js';
import { CallingChild } from './calling-child.js';
import { withoutSignals } from './without-signals.js';

/** Children at most: each can be stuck in one close(2). */
const mostChildren = 8;

/** Requests in the pipe at most: 8 bytes each, they fit into the one page that a pipe has at least. pipe(7) */
const mostInPipe = 512;

/** Children that take numbers of descriptors out of one pipe, and close them. */
export class ClosingChildren implements Disposable {
  /** An eventfd(2), readable when descriptors were closed: {@link ClosingChildren.collect}. */
  readonly closed: Fd;
  readonly #requests: readonly [read: Fd, write: Fd];
  readonly #one = Buffer.alloc(8);
  readonly #count = Buffer.alloc(8);
  readonly #children: CallingChild[] = [];
  readonly #keeper: CallingChild;
  readonly #ourselves: Fd;
  /** Numbers for which there was no room in the pipe. */
  readonly #held: number[] = [];
  #inPipe = 0;

  /** @throws SyscallError EAGAIN, ENOMEM, EMFILE; ENOSYS where the C library has no setcontext(3), such as musl's */
  constructor() {
    const made: Disposable[] = [];
    const keep = <T extends Disposable>(thing: T): T => {
      made.push(thing);
      return thing;
    };
    try {
      const ends = Buffer.alloc(8);
      check(libc.pipe2(ends, uapi.O_CLOEXEC), 'pipe2');
      this.#requests = [keep(new Fd(ends.readInt32LE(0))), keep(new Fd(ends.readInt32LE(4)))];
      this.closed = keep(new Fd(check(libc.eventfd(0, uapi.EFD_CLOEXEC | uapi.EFD_NONBLOCK), 'eventfd')));
      this.#ourselves = keep(openPidfd(process.pid));
      this.#keeper = keep(startKeeper(this.#ourselves));
      this.#one.writeBigUInt64LE(1n);
      this.grow();
    } catch (error) {
      // Children first
      for (const thing of made.reverse()) thing[Symbol.dispose]();
      throw error;
    }
  }

  /** Descriptors that are not closed yet: of those whose close(2) sleeps the numbers are free already. */
  get waiting(): number {
    return this.#inPipe + this.#held.length;
  }

  /** Has descriptors closed. They are given away at once, and closed in their order as children get to them. */
  close(descriptors: readonly Fd[]): void {
    for (const fd of descriptors) this.#held.push(fd.release());
    this.#feed();
  }

  /** Counts what was closed. @returns how many descriptors since the last time */
  collect(): number {
    if (check(unlessEmpty(libc.read(this.closed.number, this.#count, 8)), 'read') === 0) return 0;
    const closed = Number(this.#count.readBigUInt64LE());
    this.#inPipe -= closed;
    this.#feed();
    // More than one are for the time that one is stuck
    if (this.waiting === 0) for (const child of this.#children.splice(1)) child[Symbol.dispose]();
    return closed;
  }

  /** Starts another child. @returns whether there may be more of them */
  grow(): boolean {
    if (this.#children.length >= mostChildren) return false;
    const child = withoutSignals(() =>
      CallingChild.start([], uapi.CLONE_FILES, [
        ['read', this.#requests[0].number, nextArgument, 8],
        ['close', 0],
        ['write', this.closed.number, this.#one, 8],
      ]),
    );
    return this.#children.push(child) < mostChildren;
  }

  #feed(): void {
    const some = this.#held.splice(0, mostInPipe - this.#inPipe);
    if (some.length === 0) return;
    const requests = Buffer.alloc(8 * some.length);
    some.forEach((number, index) => requests.writeBigInt64LE(BigInt(number), 8 * index));
    writeSync(this.#requests[1].number, requests);
    this.#inPipe += some.length;
  }

  /** Does not wait for descriptors that are not closed. */
  [Symbol.dispose](): void {
    this.collect();
    if (this.waiting === 0) {
      for (const child of [...this.#children, this.#keeper]) child[Symbol.dispose]();
      this.#ourselves[Symbol.dispose]();
    } else {
      for (const child of this.#children) child.giveUp();
      // Our table outlives us: nobody is to wait for the end of a pipe that is open in it
      process.on('exit', closeStandard);
    }
    // Only now that no child will look at them again: the numbers may be others' later
    for (const fd of [...this.#requests, this.closed]) fd[Symbol.dispose]();
  }
}

/** A child that has our table of descriptors until we have ended, so that what is left in it is not closed, and waited for, by our own end. */
function startKeeper(ourselves: Fd): CallingChild {
  return withoutSignals(() =>
    CallingChild.start(
      [
        // The signal at our end would come before all of our threads have let go of the table
        ['prctl', uapi.PR_SET_PDEATHSIG, 0],
        ['poll', pollEntry(ourselves), 1, -1],
      ],
      uapi.CLONE_FILES,
    ),
  );
}

/** At our end, where our table outlives us. What else we were started with cannot be told from Node's own: it has all closed on exec. */
export function closeStandard(): void {
  for (const number of [0, 1, 2]) libc.close(number);
}

function unlessEmpty(result: number): number {
  return result === -constants.errno.EAGAIN ? 0 : result;
}
