import type { Count, MethodDocument, MethodId, RaceDocument } from '../../document/race-document.js';
import type { Style } from '../style.js';
import { valueColumn } from './race-story.js';

/** What each method is called in the table, in the order of its rows. */
export const methodNames: Readonly<Record<MethodId, string>> = {
  pid: 'PID (SO_PEERCRED)',
  'start-time': 'PID with start time',
  'pidfd-open': 'pidfd_open(2) after SO_PEERCRED',
  'peer-pidfd': 'SO_PEERPIDFD',
  verdict: 'verdict of peerpid',
};

const moments = ['looked in time', 'looked too late'] as const;
const momentWidth = 20;

/** Which methods took the impostor for the client, or how often. */
export function raceTable({ methods, rounds }: RaceDocument, style: Style): string[] {
  const heading = rounds === 1 ? 'Taken for the client?' : 'How often was each fooled?';
  const [inTime, tooLate] = moments;
  return [
    `${heading.padEnd(valueColumn)}${inTime.padEnd(momentWidth)}${tooLate}`,
    '',
    ...methods.map((method) => row(method, rounds, style)),
  ];
}

function row({ id, inTime, tooLate }: MethodDocument, rounds: number, style: Style): string {
  const first = cellOf(inTime, rounds);
  const room = ' '.repeat(Math.max(2, momentWidth - first.length));
  return `  ${methodNames[id].padEnd(valueColumn - 2)}${paint(first, inTime, style)}${room}${paint(cellOf(tooLate, rounds), tooLate, style)}`;
}

function cellOf({ fooled, tried }: Count, rounds: number): string {
  if (tried === 0) return 'not here';
  if (rounds === 1) return fooled === 0 ? 'no' : 'yes: fooled';
  return `${fooled} of ${tried}`;
}

function paint(text: string, { fooled, tried }: Count, { chalk }: Style): string {
  if (tried === 0) return chalk.magenta(text);
  return fooled === 0 ? chalk.green(text) : chalk.red(text);
}
