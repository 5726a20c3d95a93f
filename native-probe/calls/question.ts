import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Fd } from '../fd.js';
import { SyscallError } from '../syscall-error.js';
import type { LibraryCall } from './call-chain.js';
import { CallingThread } from './calling-thread.js';
import { Patience } from './patience.js';

const patience = new Patience(20);

/** Questions that are under way at once; more wait for the oldest. */
const mostPending = 8;

/** Threads that have not ended, given up or not. With so many nothing is asked any more: it is missing. */
export const mostUnanswered = 40;

/** Bytes of an answer at most, and of the stack: glob(3) takes some for each name. It is touched as far as it is used. */
const memory = { answer: 65 * 1024, stack: 512 * 1024 };

/** To start a thread takes longer than a call of it does. Of one process two things are asked at once. */
const kept: CallingThread[] = [];
const mostKept = 2;

/** One that is kept, or a new one. @throws SyscallError as the constructor of {@link CallingThread} */
function takeThread(kind: symbol | undefined): CallingThread {
  const ready = kept.findIndex((thread) => thread.isReadyFor(kind));
  return kept.splice(Math.max(0, ready), 1)[0] ?? new CallingThread(memory);
}

function closeThoseOf({ descriptors = [] }: Asked<unknown>): void {
  for (const fd of descriptors) fd[Symbol.dispose]();
}

const pending = new Set<Question<unknown>>();
const givenUp = new Set<Question<unknown>>();

/** The calls of a question, what to make of what they wrote, and what they use. */
export interface Asked<T> {
  /** What is asked, for the error of an answer that does not come. Of two that are the same and under way, one is asked. */
  readonly syscall: string;
  readonly subject: string;
  /**
   * @param into - memory of 65 KiB for what the calls write
   * @param errno - where the thread has the errno of the last call that failed
   */
  readonly calls: (into: Buffer, errno: bigint) => readonly LibraryCall[];
  /** Of calls that are the same each time but for the descriptors, and point to nothing but `into`. */
  readonly repeated?: Repeated;
  /** @param from - that memory, which is another question's when this returns */
  readonly answer: (from: Buffer) => T;
  /**
   * Descriptors that the calls use. The thread closes them after the last: whoever asks may be a worker thread that is
   * terminated meanwhile, and a number that is closed too early may be another file's when the call is made.
   */
  readonly descriptors?: readonly Fd[];
}

/** What is another each time. */
interface Repeated {
  /** The same for the same calls. */
  readonly kind: symbol;
  /** The first argument of each call where it is a descriptor. */
  readonly firsts: readonly (number | undefined)[];
  /** Makes the memory ready. It has what the calls wrote before. */
  readonly ready: (into: Buffer) => void;
}

/**
 * A question whose answer another process can delay for ever. A thread of its own asks it, from now on, so that many
 * that are asked one after the other are waited for together.
 */
export class Question<T> {
  readonly #thread: CallingThread;
  readonly #asked = performance.now();
  #outcome: { readonly value: T } | { readonly error: SyscallError } | undefined;

  private constructor(private readonly question: Asked<T>) {
    const { repeated, descriptors = [] } = question;
    this.#thread = takeThread(repeated?.kind);
    repeated?.ready(this.#thread.answer);
    if (repeated !== undefined && this.#thread.isReadyFor(repeated.kind)) {
      this.#thread.again([...repeated.firsts, ...descriptors.map((fd) => fd.release())]);
    } else {
      const calls = question.calls(this.#thread.answer, this.#thread.addressOfErrno);
      const closing = descriptors.map((fd): LibraryCall => ['close', fd.release()]);
      this.#thread.begin([...calls, ...closing], repeated?.kind);
    }
    pending.add(this);
  }

  /**
   * Starts to ask. Where many answers are waited for it waits for the oldest first.
   *
   * @throws SyscallError EBUSY where too many wait for an answer that does not come; as the constructor of {@link CallingThread}.
   * Then the descriptors are closed.
   */
  static ask<T>(question: Asked<T>): Question<T> {
    for (const one of pending) {
      if (pending.size < mostPending) break;
      one.#settle(patience.left(one.#asked));
    }
    return Question.askAtOnce(question);
  }

  /** The same, without a wait for others: for an event loop. @throws as {@link Question.ask} */
  static askAtOnce<T>(question: Asked<T>): Question<T> {
    try {
      for (const one of givenUp) if (one.#thread.hasMade(0)) one.#end();
      for (const one of pending) if (one.#thread.hasMade(0)) one.#settle(0);
      // One process with many connections is not to use up the threads
      for (const one of [...givenUp, ...pending]) {
        if (one.question.subject !== question.subject || one.question.syscall !== question.syscall) continue;
        closeThoseOf(question);
        return one as Question<T>;
      }
      if (pending.size + givenUp.size >= mostUnanswered) {
        throw new SyscallError(question.syscall, constants.errno.EBUSY, question.subject);
      }
      return new Question(question);
    } catch (error) {
      closeThoseOf(question);
      throw error;
    }
  }

  /** The answer, waited for if need be. @throws SyscallError ETIMEDOUT when it did not come in time */
  answer(): T {
    this.#settle(patience.left(this.#asked));
    if (this.#outcome === undefined) throw new Error('a question was neither answered nor given up');
    if ('error' in this.#outcome) throw this.#outcome.error;
    return this.#outcome.value;
  }

  /** Takes the answer if it comes within so many milliseconds, so that nothing is left open for whoever never asks for it. */
  takeWithin(milliseconds: number): void {
    if (this.#outcome === undefined && this.#thread.hasMade(milliseconds)) this.#settle(0);
  }

  /** Waits for the answer without holding up this thread, and gives it up after so many milliseconds. */
  async waitFor(timeout: number): Promise<void> {
    const until = performance.now() + timeout;
    for (let pause = 0.25; this.#outcome === undefined && !this.#thread.hasMade(0); pause *= 2) {
      const left = until - performance.now();
      if (left <= 0) break;
      await sleep(Math.min(pause, left, 50));
    }
    this.#settle(0);
  }

  #settle(timeout: number): void {
    if (this.#outcome !== undefined) return;
    pending.delete(this);
    if (this.#thread.hasMade(timeout)) {
      try {
        this.#outcome = { value: this.question.answer(this.#thread.answer) };
      } finally {
        this.#end();
      }
      return;
    }
    patience.gaveUp();
    givenUp.add(this);
    const { syscall, subject } = this.question;
    this.#outcome = { error: new SyscallError(syscall, constants.errno.ETIMEDOUT, subject) };
  }

  #end(): void {
    givenUp.delete(this);
    if (kept.length < mostKept) kept.push(this.#thread);
    else this.#thread.end();
  }
}
