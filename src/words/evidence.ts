import { type Reading, reading } from './reading.js';

/** One system call that mattered: what was asked, what the kernel answered, and what follows from it. */
export interface Step {
  readonly call: string;
  readonly answer: string;
  readonly concluded?: string;
}

/** The words for a step. They are only made when somebody wants to see them. */
export interface StepWords<T> {
  readonly call: () => string;
  readonly answer: (value: T) => string;
  readonly concluded?: (value: T) => string | undefined;
  /** What follows when the kernel refuses with this errno. */
  readonly refused?: (code: string) => string | undefined;
}

/**
 * Watches the work being done, for `--explain`: each question goes through
 * {@link Witness.ask}, so that what is told is what was done, in its order.
 */
export class Witness {
  readonly #steps: Step[] = [];
  readonly #tell: ((step: Step) => void) | undefined;

  private constructor(tell: ((step: Step) => void) | undefined) {
    this.#tell = tell;
  }

  /** Writes nothing down. */
  static silent(): Witness {
    return new Witness(undefined);
  }

  /** Writes every step down. @param tell - called with each step as it happens */
  static recording(tell: (step: Step) => void = () => undefined): Witness {
    return new Witness(tell);
  }

  /** What was written down so far; undefined where nothing is. */
  get evidence(): readonly Step[] | undefined {
    return this.#tell === undefined ? undefined : this.#steps;
  }

  /** Asks the kernel, and writes down what was asked and answered. */
  ask<T>(question: () => T, words: StepWords<T>): Reading<T> {
    const answer = reading(question);
    if (this.#tell === undefined) return answer;
    if ('value' in answer) {
      this.#add(words.call(), words.answer(answer.value), words.concluded?.(answer.value));
    } else {
      this.#add(words.call(), `-1 ${answer.error.code}`, words.refused?.(answer.error.code));
    }
    return answer;
  }

  /** The same, for a question whose refusal ends the work: it is written down and thrown on. */
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

  /** A conclusion from what was asked before, where no call of its own led to it. */
  conclude(call: string, answer: string, concluded: string): void {
    if (this.#tell !== undefined) this.#add(call, answer, concluded);
  }

  #add(call: string, answer: string, concluded: string | undefined): void {
    const step: Step = concluded === undefined ? { call, answer } : { call, answer, concluded };
    this.#steps.push(step);
    this.#tell?.(step);
  }
}
