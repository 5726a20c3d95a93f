import type { Refused } from '../../native-probe/syscall-error.js';
import { type Reading, reading } from './reading.js';

/** One system call that mattered: what was asked, what the kernel answered, and what follows from it. */
export interface Step {
  readonly call: string;
  readonly answer: string;
  readonly concluded?: string;
}

/** Makes the words for a step. Only called by a witness that records. */
export interface StepWords<T> {
  readonly call: () => string;
  readonly answer: (value: T) => string;
  readonly concluded?: (value: T) => string | undefined;
  /** What follows when the kernel refuses with this errno. */
  readonly refused?: (code: string) => string | undefined;
}

/**
 * Watches the work being done, for `--explain`: each question to the kernel
 * goes through {@link Witness.ask}, so that the steps are what was done, in order.
 */
export class Witness {
  readonly #steps: Step[] = [];
  readonly #tell: ((step: Step) => void) | undefined;

  private constructor(tell: ((step: Step) => void) | undefined) {
    this.#tell = tell;
  }

  /** A witness that writes nothing down. */
  static silent(): Witness {
    return new Witness(undefined);
  }

  /** A witness that writes every step down. @param tell - called with each step as it happens */
  static recording(tell: (step: Step) => void = () => undefined): Witness {
    return new Witness(tell);
  }

  /** The steps so far; undefined of a silent witness. */
  get evidence(): readonly Step[] | undefined {
    return this.#tell === undefined ? undefined : this.#steps;
  }

  /** Asks the kernel, and writes down the question and its answer or refusal. */
  ask<T>(question: () => T | Refused, words: StepWords<T>): Reading<T> {
    const answer = reading(question);
    if (this.#tell === undefined) return answer;
    if ('value' in answer) {
      this.#add(words.call(), words.answer(answer.value), words.concluded?.(answer.value));
    } else {
      this.#add(words.call(), `-1 ${answer.error.code}`, words.refused?.(answer.error.code));
    }
    return answer;
  }

  /** As {@link ask}, for a question whose refusal ends the work: writes it down. @throws SyscallError the refusal */
  require<T>(question: () => T, words: StepWords<T>): T {
    let thrown: unknown;
    const answer = this.ask(() => {
      try {
        return question();
      } catch (error) {
        thrown = error;
        throw error;
      }
    }, words);
    if ('value' in answer) return answer.value;
    throw thrown;
  }

  /** Writes down a step that was not asked through this witness: made elsewhere, or concluded from earlier answers. */
  conclude(call: string, answer: string, concluded: string): void {
    if (this.#tell !== undefined) this.#add(call, answer, concluded);
  }

  #add(call: string, answer: string, concluded: string | undefined): void {
    const step: Step = concluded === undefined ? { call, answer } : { call, answer, concluded };
    this.#steps.push(step);
    this.#tell?.(step);
  }
}
