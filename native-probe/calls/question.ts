import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Fd } from '../fd.js';
import { SyscallError } from '../syscall-error.js';
import type { LibraryCall } from './call-chain.js';
import { CallingThread } from './calling-thread.js';
import { Patience } from './patience.js';
import { milliseconds } from '../monotonic-clock.js';

const patience = new Patience(20);

/** Questions that are under way at once; more wait for the oldest. */
const mostPending = 8;

/** Threads that have not ended, given up or not. With so many nothing is asked any more: it is missing. */
export const mostUnanswered = 40;

/** Where the answer of the second of two questions is. */
const secondAt = 24 * 1024;

/** Bytes of an answer at most, and of the stack: glob(3) takes some for each name. It is touched as far as it is used. */
const memory = { answer: secondAt + 65 * 1024, stack: 512 * 1024 };

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
   * @param into - memory of 65 KiB for what the calls write; of the first of two of 24 KiB
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
  readonly #asked = milliseconds();
  #outcome: { readonly value: T } | { readonly error: SyscallError } | undefined;

  /** @param place - among two of one thread, which is the second's at the end */
  private constructor(
    private readonly question: Asked<T>,
    private readonly thread: CallingThread,
    private readonly room: Buffer,
    private readonly place: 'only' | 'first' | 'second',
  ) {
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
      const same = Question.#sameAs(question);
      if (same !== undefined) {
        closeThoseOf(question);
        return same;
      }
      if (pending.size + givenUp.size >= mostUnanswered) {
        throw new SyscallError(question.syscall, constants.errno.EBUSY, question.subject);
      }
      const kind = question.repeated?.kind;
      const thread = takeThread(kind);
      start(thread, kind, [[question, thread.answer]]);
      return new Question(question, thread, thread.answer, 'only');
    } catch (error) {
      closeThoseOf(question);
      throw error;
    }
  }

  /**
   * Starts to ask two by one thread, the second behind the first: to wake up a thread takes longer than what it asks.
   * Where the first is not answered nor is the second, which may be asked again by itself then.
   *
   * @param kind - the same for the same two
   * @returns undefined where one of them is under way or given up, or many are, and each is to be asked by itself
   * @throws SyscallError as what makes the second, and as the constructor of {@link CallingThread}. Where nothing is asked
   * the descriptors are closed.
   */
  static askBoth<T, U>(
    kind: symbol,
    first: Asked<T>,
    makeSecond: () => Asked<U>,
  ): [Question<T>, Question<U>] | undefined {
    const made: Asked<unknown>[] = [first];
    try {
      const second = makeSecond();
      made.push(second);
      const isFree = Question.#sameAs(first) === undefined && Question.#sameAs(second) === undefined;
      const thread = isFree && pending.size + 1 < mostPending ? takeThread(kind) : undefined;
      if (thread !== undefined) {
        const room = thread.answer.subarray(secondAt);
        start(thread, kind, [
          [first, thread.answer],
          [second, room],
        ]);
        return [new Question(first, thread, thread.answer, 'first'), new Question(second, thread, room, 'second')];
      }
      return undefined;
    } finally {
      for (const question of made) closeThoseOf(question);
    }
  }

  /** One that is under way, or was given up. */
  static #sameAs<T>({ syscall, subject }: Asked<T>): Question<T> | undefined {
    for (const one of givenUp) if (one.#hasMade(0)) one.#end();
    for (const one of pending) if (one.#hasMade(0)) one.#settle(0);
    // One process with many connections is not to use up the threads
    for (const one of [...givenUp, ...pending]) {
      const isBehind = one.place === 'second' && !one.thread.hasMadePart(0);
      if (one.question.subject === subject && one.question.syscall === syscall && !isBehind) return one as Question<T>;
    }
    return undefined;
  }

  #hasMade(timeout: number): boolean {
    return this.place === 'first' ? this.thread.hasMadePart(timeout) : this.thread.hasMade(timeout);
  }

  /** No answer came in time. */
  get isGivenUp(): boolean {
    return this.#outcome !== undefined && 'error' in this.#outcome;
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
    if (this.#outcome === undefined && this.#hasMade(milliseconds)) this.#settle(0);
  }

  /** Waits for the answer without holding up this thread, and gives it up after so many milliseconds. */
  async waitFor(timeout: number): Promise<void> {
    const until = milliseconds() + timeout;
    for (let pause = 0.25; this.#outcome === undefined && !this.#hasMade(0); pause *= 2) {
      const left = until - milliseconds();
      if (left <= 0) break;
      await sleep(Math.min(pause, left, 50));
    }
    this.#settle(0);
  }

  #settle(timeout: number): void {
    if (this.#outcome !== undefined) return;
    pending.delete(this);
    if (this.#hasMade(timeout)) {
      try {
        this.#outcome = { value: this.question.answer(this.room) };
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
    if (this.place === 'first') return;
    if (kept.length < mostKept) kept.push(this.thread);
    else this.thread.end();
  }
}

/** Has a thread ask questions, one after the other, and close their descriptors. */
function start(
  thread: CallingThread,
  kind: symbol | undefined,
  questions: readonly (readonly [question: Asked<unknown>, into: Buffer])[],
): void {
  for (const [{ repeated }, into] of questions) repeated?.ready(into);
  const isLast = (index: number): boolean => index + 1 === questions.length;
  if (thread.isReadyFor(kind)) {
    const firsts: (number | undefined)[] = [];
    questions.forEach(([{ repeated, descriptors = [] }], index) => {
      if (repeated !== undefined) firsts.push(...repeated.firsts);
      for (const fd of descriptors) firsts.push(fd.release());
      if (!isLast(index)) firsts.push(...thread.endOfPart.map(() => undefined));
    });
    thread.again(firsts);
    return;
  }
  const errno = thread.addressOfErrno;
  const calls = questions.map(([question, into], index) => [
    ...question.calls(into, errno),
    ...(question.descriptors ?? []).map((fd): LibraryCall => ['close', fd.release()]),
    ...(isLast(index) ? [] : thread.endOfPart),
  ]);
  thread.begin(calls.flat(), kind);
}
