import { Chalk, type ChalkInstance } from 'chalk';

import type { Severity } from '../verdict/finding.js';
import type { Verdict } from '../verdict/verdict.js';
import { environment } from '../words/environment.js';

/** How output is to look. */
export interface Style {
  /** Columns of the terminal; undefined where there is none: nothing is folded then. */
  readonly width: number | undefined;
  readonly chalk: ChalkInstance;
}

/** Without folding or colour, as in a file. */
export const plain: Style = {
  width: undefined,
  // JSON is printed without chalk, which takes a while to load
  get chalk() {
    return (plainChalk ??= new Chalk({ level: 0 }));
  },
};

let plainChalk: ChalkInstance | undefined;

/** When there is to be colour: auto is on a terminal. */
export const colours = ['auto', 'always', 'never'] as const;
type Colour = (typeof colours)[number];

/** How output to a stream is to look: folded and coloured on a terminal, plain elsewhere. Colour is only ever on top of words. */
export function styleOf(stream: NodeJS.WriteStream): Style {
  return {
    width: stream.isTTY ? stream.columns : undefined,
    chalk: new Chalk({ level: isWanted(typedColour(), stream.isTTY) ? 1 : 0 }),
  };
}

/** Of the words themselves: errors may come before the options are read. */
function typedColour(): Colour {
  const typed = process.argv.findLast((word) => word.startsWith('--color='));
  return colours.find((colour) => typed === `--color=${colour}`) ?? 'auto';
}

/** What was typed stands above the environment. https://no-color.org, https://force-color.org, https://bixense.com/clicolors */
function isWanted(colour: Colour, isTerminal: boolean): boolean {
  if (colour !== 'auto') return colour === 'always';
  if (environment('NO_COLOR') !== undefined) return false;
  for (const forced of [environment('FORCE_COLOR'), environment('CLICOLOR_FORCE')]) {
    if (forced !== undefined) return forced !== '0' && forced !== 'false';
  }
  return isTerminal && environment('CLICOLOR') !== '0' && environment('TERM') !== 'dumb';
}

/** A verdict's word, as it is shown. @param calm - whether nobody is deceived though it is not believed */
export function verdictWord(verdict: Verdict, style: Style, calm = false): string {
  return style.chalk.bold(paintVerdict(verdict.toUpperCase(), verdict, style, calm));
}

/** Text in the colour of a verdict; yellow cannot be read on a light terminal. @param calm - whether nobody is deceived though it is not believed */
export function paintVerdict(text: string, verdict: Verdict, { chalk }: Style, calm = false): string {
  if (calm && verdict !== 'pinned') return chalk.dim(text);
  switch (verdict) {
    case 'pinned':
      return chalk.green(text);
    case 'recycled':
    case 'contradicted':
      return chalk.red(text);
    case 'none':
      return chalk.dim(text);
    default:
      return chalk.magenta(text);
  }
}

/** A finding's severity, as it is shown. */
export function severityWord(severity: Severity, { chalk }: Style): string {
  return { danger: chalk.red, warning: chalk.magenta, info: chalk.dim }[severity](severity);
}
