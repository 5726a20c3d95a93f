/**
 * The file that has what the words need. To read a bundle and what V8 made of it is half of what a start takes, so
 * what is typed most has one that has nothing else. scripts/bundles.js makes them.
 *
 * @param words - command first
 */
export function bundleFor(words: readonly string[]): string {
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  const isHelp = words.length === 0 || words[0] === '--version' || options.some((word) => helpWords.includes(word));
  return isHelp ? 'help.cjs' : words[0] === 'inspect' ? 'inspect.cjs' : 'command-line.cjs';
}

/** For which oclif shows help, whatever else is typed. */
const helpWords: readonly string[] = ['--help', '-h'];
