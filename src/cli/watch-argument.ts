/** In seconds, as it would be typed. */
const usual = '2';

/**
 * Gives `--watch` the value that oclif wants of it: flags cannot have one that
 * may be left out. A number that follows is its value, anything else is not.
 *
 * @param args - as they were typed
 */
export function withWatchValue(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const last = end < 0 ? args.length : end;
  const given: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg !== '--watch' || index >= last) given.push(arg);
    else if (index + 1 < last && isNumber(args[index + 1] ?? '')) given.push(`--watch=${args[++index] ?? ''}`);
    else given.push(`--watch=${usual}`);
  }
  return given;
}

function isNumber(word: string): boolean {
  // Also one that is refused, rather than looked for as a word: negative, or with a unit
  return /^-?(?:\d+\.?\d*|\.\d+)(?:m?s|sec|m|min|h)?$/.test(word);
}
