import type { Count, MethodDocument } from '../document/race-document.js';
import type { Verdict } from '../verdict/verdict.js';
import { type Reading, valueOf } from '../words/reading.js';
import { methods } from './methods.js';
import type { Answer, Round } from './round.js';

/** Counts what came of the rounds. */
export class Tally {
  readonly verdicts: Partial<Record<Verdict, number>> = {};
  #methods: readonly MethodDocument[] = methods.map(({ id }) => ({ id, recognised: 0, inTime: none, tooLate: none }));

  get methods(): readonly MethodDocument[] {
    return this.#methods;
  }

  add({ answers, verdict }: Round): void {
    this.verdicts[verdict] = (this.verdicts[verdict] ?? 0) + 1;
    this.#methods = this.#methods.map((method) => {
      const answer = answers.find(({ id }) => id === method.id);
      return answer === undefined ? method : counted(method, answer);
    });
  }
}

const none: Count = { fooled: 0, tried: 0 };

function counted({ id, recognised, inTime, tooLate, error: before }: MethodDocument, answer: Answer): MethodDocument {
  const error = before ?? refusalOf(answer.inTime) ?? refusalOf(answer.tooLate);
  return {
    id,
    recognised: recognised + (valueOf(answer.recognised) === true ? 1 : 0),
    inTime: more(inTime, answer.inTime),
    tooLate: more(tooLate, answer.tooLate),
    ...(error !== undefined && { error }),
  };
}

function refusalOf(answer: Reading<boolean>): MethodDocument['error'] {
  return 'error' in answer ? answer.error : undefined;
}

function more({ fooled, tried }: Count, answer: Reading<boolean>): Count {
  if ('error' in answer) return { fooled, tried };
  return { fooled: fooled + (answer.value ? 1 : 0), tried: tried + 1 };
}
