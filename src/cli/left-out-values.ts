/** The flags whose value may be left out: what it is then, as it would be typed, and what a word must be to be one. */
const flags = {
  /** In seconds. Also a number that is refused, rather than looked for as a word: negative, or with a unit. */
  '--watch': { usual: '2', value: /^-?(?:\d+\.?\d*|\.\d+)(?:m?s|sec|m|min|h)?$/ },
  '--csv': { usual: 'plain', value: /^(?:plain|safe)$/ },
} as const;

/**
 * Gives `--watch`, `--csv` and `--sort` the values that oclif wants of them: flags cannot
 * have one that may be left out, nor one that begins as a short option. What follows is the value if it can be one.
 *
 * @param args - as they were typed
 */
export function withLeftOutValues(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const last = end < 0 ? args.length : end;
  const given: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    const value = args[index + 1] ?? '';
    // A value such as -service, which oclif takes for the short option -s, even after `=`. It may have blanks around
    if (index < last && arg.startsWith('--sort=-')) {
      given.push('--sort', ` ${arg.slice('--sort='.length)}`);
      continue;
    }
    if (arg === '--sort' && index + 1 < last && /^-[a-z]/.test(value)) {
      given.push(arg, ` ${value}`);
      index++;
      continue;
    }
    const name = arg === '-w' ? '--watch' : arg;
    if ((name !== '--watch' && name !== '--csv') || index >= last) {
      given.push(arg);
      continue;
    }
    const { usual, value: isValue } = flags[name];
    const next = index + 1 < last ? value : '';
    if (isValue.test(next)) index++;
    given.push(`${name}=${isValue.test(next) ? next : usual}`);
  }
  return given;
}
