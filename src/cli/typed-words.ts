/** Every command, as oclif's manifest has them. */
export const commandNames: readonly string[] = ['bus', 'doctor', 'inspect', 'listen', 'race', 'scan', 'send', 'trace'];

/** Options that every command has, and that may stand before it. */
const ofAll = /^(?:--json|--explain|-e|--help|-h|--color=.*)$/;

/** Whether a word is an option that every command has. */
export function isOptionOfAll(word: string): boolean {
  return ofAll.test(word);
}

/** Other ways to type some of them. */
const synonyms: Readonly<Record<string, string>> = {
  '-J': '--json',
  // As of ls(1)
  '--color': '--color=always',
  '--no-color': '--color=never',
  // As of many tools
  '--all': '--connections',
};

/** What no command has in its name: a word with one of these is a path, an abstract name, or another form of SOCKET. */
const ofSockets = /[/@:.\\]/;

/**
 * The command line as oclif takes it, command first, from what was typed: `peerpid SOCKET` is `peerpid inspect SOCKET`,
 * a command may be cut where it is clear which is meant, options of all commands may stand before it, and `help` and
 * `version` may be words. What is none of these is left as it is, for an error to tell.
 */
export function typedWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  const typed = words.flatMap((word, at) => (end < 0 || at < end ? inFull(word) : [word]));
  const first = typed.findIndex((word) => !isOptionOfAll(word));
  if (first < 0) return typed;
  const [before, word = '', after] = [typed.slice(0, first), typed[first], typed.slice(first + 1)];
  if (word === 'version' || word === '-V' || word === '--version') return ['--version'];
  if (word === 'help') return helpFor(after, before);
  const [command, ...others] = commandsOf(word);
  if (command !== undefined && others.length === 0) return [command, ...before, ...after];
  if (ofSockets.test(word)) return ['inspect', ...before, word, ...after];
  // An option of one command, before it: whether a value follows cannot be told
  const isOfInspect = word.startsWith('-') && !after.some((other) => commandNames.includes(other));
  return isOfInspect ? ['inspect', ...before, word, ...after] : [word, ...before, ...after];
}

/** Oclif knows no short form of --json, and looks for that word itself. */
function inFull(word: string): string[] {
  const [, before, after] = /^-(?=..)([aelLnx]*)J([aelLnx]*)$/.exec(word) ?? [];
  if (before !== undefined && after !== undefined) return [`-${before}${after}`, '--json'];
  return [synonyms[word] ?? word];
}

/** The commands that a word may stand for: the one of that name, else those that begin with it. */
export function commandsOf(word: string): readonly string[] {
  if (word === '') return [];
  return commandNames.includes(word) ? [word] : commandNames.filter((name) => name.startsWith(word));
}

function helpFor(words: readonly string[], before: readonly string[]): readonly string[] {
  const [topic, ...rest] = words.filter((word) => !isOptionOfAll(word));
  if (topic === undefined) return ['--help'];
  const [command, ...others] = commandsOf(topic);
  if (command !== undefined && others.length === 0) return [command, ...before, ...rest, '--help'];
  // No command: an error tells, in the form that is wanted
  return [topic, ...[...before, ...words].filter((word) => word === '--json')];
}
