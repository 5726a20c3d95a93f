import * as Flags from '@oclif/core/flags';
import type { FlagInput } from '@oclif/core/interfaces';

import { wrongUsage } from '../words/problem.js';

/** The longest time that Node's setTimeout takes, in milliseconds. */
const longest = 2 ** 31 - 1;

/** Milliseconds of a number of seconds as it is typed, such as `5` or `0.5`. @throws Problem for anything else */
export function parseSeconds(typed: string): number {
  const seconds = /^\d+(?:\.\d+)?$/.test(typed) ? Number(typed) : Number.NaN;
  if (Number.isNaN(seconds) || seconds * 1000 > longest) {
    throw wrongUsage(`${typed} is not a number of seconds`, 'Give seconds, such as 5 or 0.5.');
  }
  return Math.ceil(seconds * 1000);
}

const seconds = {
  helpValue: 'SECONDS',
  parse: (typed: string): Promise<number> => Promise.resolve(parseSeconds(typed)),
} as const;

/** `--timeout SECONDS`; the parsed value is in milliseconds. */
export const timeoutFlag = Flags.custom<number>({ char: 't', ...seconds });

/** Milliseconds without it, where something is asked. */
export const defaultTimeout = 5000;

/** `--duration SECONDS`; the parsed value is in milliseconds. */
export const durationFlag = Flags.custom<number>(seconds);

/** `--own-namespace`, as `scan` and `inspect` have it. */
export const ownNamespaceFlag = Flags.boolean({
  default: false,
  description:
    'Look into no network namespace but your own. Without it those of containers are looked into, too, as root.',
});

/** The shortest time between two scans, in milliseconds. */
const shortestInterval = 100;

/** `--watch [SECONDS]`; the parsed value is in milliseconds. oclif wants a value: see `withLeftOutValues`. */
export const intervalFlag = Flags.custom<number>({
  helpValue: '[SECONDS]',
  parse: (typed) => {
    const interval = parseSeconds(typed);
    if (interval < shortestInterval) {
      throw wrongUsage(
        `${typed} seconds are too few`,
        `Give at least ${shortestInterval / 1000}, such as --watch=0.5.`,
      );
    }
    return Promise.resolve(interval);
  },
});

/**
 * Refuses a value for a flag that has none, such as `--color=never`: oclif would take `never` for an argument.
 *
 * @param args - as they were typed
 * @param flags - of the command, by name
 * @throws Problem that names the first such flag
 */
export function refuseValues(args: readonly string[], flags: FlagInput): void {
  const end = args.indexOf('--');
  for (const arg of end < 0 ? args : args.slice(0, end)) {
    const [, typed, name, positive] = /^(--((?:no-)?([^=]+)))=/.exec(arg) ?? [];
    if (typed === undefined || name === undefined || positive === undefined) continue;
    const flag = flags[name] ?? flags[positive];
    if (flag?.type !== 'boolean') continue;
    const way = flag.allowNo ? `Give --${positive} or --no-${positive}.` : `Give ${typed}, or leave it out.`;
    throw wrongUsage(`${typed} takes no value`, way);
  }
}

/** `--mode OCTAL`, as chmod(1) takes it. */
export const modeFlag = Flags.custom<number>({
  helpValue: 'OCTAL',
  parse: (typed) => {
    if (!/^0?[0-7]{3}$/.test(typed)) {
      throw wrongUsage(`${typed} is not a mode`, 'Give three octal digits, such as 0660 for owner and group.');
    }
    return Promise.resolve(Number.parseInt(typed, 8));
  },
});

/** Of what may be longer than a terminal: cli/pager.ts */
export const noPagerFlag = Flags.boolean({
  description: 'Print what is longer than the terminal, rather than show it in $PAGER (less).',
});
