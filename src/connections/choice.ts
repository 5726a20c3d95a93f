import { wrongUsage } from '../words/problem.js';

/** A list that was typed, such as `pinned,foreign`, or with a leading `!` for all but these. */
export interface Choice<T> {
  readonly values: readonly T[];
  readonly not: boolean;
}

/**
 * Parses the list that was typed after a flag.
 *
 * @param parse - makes a value of what stands between two commas, or throws a Problem
 * @param split - makes words of the list, where a word may have commas of its own
 * @throws Problem for a list with nothing between two commas
 */
export function parseChoice<T>(
  flag: string,
  typed: string,
  parse: (word: string) => T,
  split = (list: string): string[] => list.split(','),
): Choice<T> {
  const not = typed.startsWith('!');
  const words = split(not ? typed.slice(1) : typed).map((word) => word.trim());
  if (words.includes('')) {
    throw wrongUsage(
      `${flag} has an empty value`,
      `Give one or more, with commas between them: ${flag} a,b, or ${flag} '!a,b' for all but these.`,
    );
  }
  return { values: words.map(parse), not };
}

/** Makes a parser of words that must be among the known ones. The parser throws a Problem for any other. */
export function oneOf<T extends string>(flag: string, known: readonly T[]): (word: string) => T {
  return (word) => {
    const found = known.find((one) => one === word);
    if (found !== undefined) return found;
    throw wrongUsage(`${flag} does not know ${word}`, `Possible values: ${known.join(', ')}.`);
  };
}

/** Whether a thing is chosen. @param has - whether the thing has this value */
export function isChosen<T>({ values, not }: Choice<T>, has: (value: T) => boolean): boolean {
  return values.some(has) !== not;
}
