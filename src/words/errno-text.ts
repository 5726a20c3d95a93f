import { getSystemErrorMap } from 'node:util';

let meanings: ReadonlyMap<string, string> | undefined;

/** An errno in words, and its name: `permission denied (EACCES)`; the name alone where Node has no words for it. */
export function errnoText(code: string): string {
  // Kept, since Node makes the whole table anew at each call
  meanings ??= new Map(getSystemErrorMap().values());
  const meaning = words[code] ?? meanings.get(code);
  return meaning === undefined ? code : `${meaning} (${code})`;
}

/** Where Node has none, or words of another kind of error. */
const words: Readonly<Partial<Record<string, string>>> = {
  ETIMEDOUT: 'no answer came in time',
  ENOPROTOOPT: 'there is no such option here',
  ECHILD: 'no child processes',
  EREMOTE: 'it belongs to another PID namespace',
  ENODATA: 'no answer was given',
};
