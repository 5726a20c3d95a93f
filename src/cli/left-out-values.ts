/** The flags whose value may be left out: what it is then, as it would be typed, and what a word must be to be one. */
const flags = {
  /** In seconds. Also a number that is refused, rather than looked for as a word: negative, or with a unit. */
  '--watch': { usual: '2', value: /^-?(?:\d+\.?\d*|\.\d+)(?:m?s|sec|m|min|h)?$/ },
  '--csv': { usual: 'plain', value: /^(?:plain|safe)$/ },
} as const;

/**
 * Gives `--watch` and `--csv` the values that oclif wants of them: flags cannot
 * have one that may be left out. What follows is the value if it can be one.
 *
 * @param args - as they were typed
 */
export function withLeftOutValues(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const last = end < 0 ? args.length : end;
  const given: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    const name = arg === '-w' ? '--watch' : arg;
    if ((name !== '--watch' && name !== '--csv') || index >= last) {
      given.push(arg);
      continue;
    }
    const { usual, value } = flags[name];
    const next = index + 1 < last ? (args[index + 1] ?? '') : '';
    if (value.test(next)) index++;
    given.push(`${name}=${value.test(next) ? next : usual}`);
  }
  return given;
}
