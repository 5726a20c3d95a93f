import { eitherOf } from '../words/listed.js';
import { likelyMeant } from '../words/likely.js';
import { type Problem, wrongUsage } from '../words/problem.js';

/** What could have been typed. */
export interface Usage {
  /** Empty where no command was found. */
  readonly command: string;
  /** That the command has, such as `--json`. */
  readonly options: readonly string[];
  /** Which other command has an option. */
  readonly otherWith: (option: string) => string | undefined;
}

/** Oclif's words for a command line that makes no sense, in ours. @param message - as oclif has it */
export function usageProblem(message: string, usage: Usage): Problem {
  const plain = usageMessage(message);
  const help = `\`${['peerpid', usage.command, '--help'].filter(Boolean).join(' ')}\` shows its usage.`;
  const [, unknown] = /^Nonexistent flags?: ([^,=]+)/.exec(plain) ?? [];
  if (unknown !== undefined) {
    return wrongUsage(`there is no option ${unknown}`, [...meantBy(unknown, usage), help].join(' '));
  }
  for (const [pattern, inOurWords] of translations) {
    const match = pattern.exec(plain);
    if (match !== null) return wrongUsage(inOurWords(match), help);
  }
  return wrongUsage(plain, help);
}

function meantBy(option: string, { command, options, otherWith }: Usage): string[] {
  // Of a single letter many are near
  const [meant] = option.startsWith('--') ? likelyMeant(option, options) : [];
  if (meant !== undefined) return [`Did you mean ${meant}?`];
  const other = otherWith(option);
  return other === undefined || other === command ? [] : [`\`peerpid ${other}\` has one.`];
}

const translations: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/^Unexpected arguments?: ([^,]*)/, ([, words = '']) => `${words} is one argument too many`],
  [/^Missing \d+ required arg/, () => 'SOCKET is missing'],
  [
    /^Expected (--[^=]+)=([^]*) to be one of: ([^]*)$/,
    ([, option = '', value = '', values = '']) => `${option} takes ${eitherOf(values.split(', '))}, not ${value}`,
  ],
  [
    /^Flag (--\S+) expects one of these values: ([^]*)$/,
    ([, option = '', values = '']) => `${option} takes ${eitherOf(values.split(', '))}`,
  ],
  [/^Flag (--\S+) expects a value$/, ([, option = '']) => `${option} takes a value`],
  [/^Flag (--\S+) can only be specified once$/, ([, option = '']) => `${option} is given twice`],
  [
    /^(--[^\s=]+)\S* cannot also be provided when using (--\S+)/,
    ([, one = '', other = '']) => `${one} and ${other} exclude each other`,
  ],
];

/** oclif wraps what the parser of a flag throws: "Parsing --timeout \n\t...\nSee more help with --help". */
export function usageMessage(message: string): string {
  const [text = ''] = message.split('\nSee more help');
  return text
    .replace(/\s*\n\s*/g, ' ')
    .trim()
    .replace(/^Parsing (--\S+) /, '$1: ')
    .replace(/^The following errors? occurred: /, '');
}
