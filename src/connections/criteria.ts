import picomatch from 'picomatch';

import { passOptions, socketTypes } from '../../native-probe/socket-kinds.js';
import type { ScannedSocketDocument } from '../document/scan-document.js';
import { deviceText } from '../document/socket-document.js';
import type { NamedSocket } from '../socket/named-socket.js';
import { splitAddresses } from '../socket/pasted-address.js';
import { findingIds } from '../verdict/finding.js';
import { verdictsByGravity } from '../verdict/gravity.js';
import { wrongUsage } from '../words/problem.js';
import { valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { type Choice, isChosen, oneOf, parseChoice } from './choice.js';
import { type ConnectionFacts, endsOf, holdersOfEnds } from './connection-facts.js';
import { type Connection, judgedEnds, verdictOf } from './connections.js';

/** Whether a connection is wanted. */
export type Criterion = (connection: Connection, facts: ConnectionFacts) => boolean;

/** Looks at what the SOCKET that was typed names now, which may be several sockets. */
export type FindNamed = (typed: string) => readonly NamedSocket[];

/** The flags that choose connections: each has a function that makes a criterion of what was typed after it. */
export const criteria = {
  pid: (typed) => {
    const choice = parseChoice('--pid', typed, parsePid);
    return (connection) => isChosen(choice, (pid) => holdersOfEnds(connection).some((holder) => holder.pid === pid));
  },
  user: (typed) => {
    const choice = parseChoice('--user', typed, (word) => word);
    return (connection, facts) => {
      const users = holdersOfEnds(connection).flatMap((holder) => facts.uidOf(holder) ?? []);
      return isChosen(choice, (user) => {
        // As it is printed, or as `getent passwd` has it, such as DOMAIN\name
        const names: unknown[] = [user, textOf(Buffer.from(user))];
        return users.some((uid) => String(uid) === user || names.includes(facts.userName(uid)));
      });
    };
  },
  comm: (typed) => {
    const choice = patterns('--comm', typed);
    return (connection) =>
      isChosen(choice, (matches) => holdersOfEnds(connection).some(({ comm = '' }) => matches(comm)));
  },
  socket: (typed, find) => {
    const { values, not } = parseChoice('--socket', typed, (word) => word, splitAddresses);
    // An address may have commas
    const choice = { not, values: [...new Set([...values, not ? typed.slice(1) : typed])].map(named(find, values)) };
    return (connection) => isChosen(choice, (isIt) => endsOf(connection).some(isIt));
  },
  type: (typed) => {
    const choice = parseChoice('--type', typed, oneOf('--type', socketTypes));
    return (connection) => isChosen(choice, (type) => endsOf(connection).some((end) => end.type === type));
  },
  verdict: (typed) => {
    const choice = parseChoice('--verdict', typed, oneOf('--verdict', verdictsByGravity));
    return (connection) => isChosen(choice, (verdict) => verdictOf(connection) === verdict);
  },
  finding: (typed) => {
    const choice = parseChoice('--finding', typed, oneOf('--finding', findingIds));
    return (connection) =>
      isChosen(choice, (id) => judgedEnds(connection).some(({ findings }) => findings.some((one) => one.id === id)));
  },
  asks: (typed) => {
    const choice = parseChoice('--asks', typed, oneOf('--asks', passOptions));
    return ({ service }) => isChosen(choice, (one) => service?.asks?.includes(one) === true);
  },
} as const satisfies Record<string, (typed: string, find: FindNamed) => Criterion>;

/** The number after `--pid`. @throws Problem */
export function parsePid(word: string): number {
  if (!/^\d{1,10}$/.test(word))
    throw wrongUsage(`--pid ${word} is not a number`, '`pgrep NAME` finds the PID of a program.');
  return Number(word);
}

/** Whether a socket is the one that a word names. @param words - those that name one each: of others only the address is compared */
function named(find: FindNamed, words: readonly string[]): (word: string) => (row: ScannedSocketDocument) => boolean {
  return (word) => {
    const meant = (words.includes(word) ? find(word) : []).map(sameSocket);
    const matches = pattern(word);
    return (row) => namesOf(row).some(matches) || meant.some((isIt) => isIt(row));
  };
}

/** Whether a socket is one that was looked at. */
function sameSocket({ addresses, file, inode }: NamedSocket): (row: ScannedSocketDocument) => boolean {
  const listed = file && valueOf(file);
  const bound = listed && { device: deviceText(listed.device), inode: Number(listed.inode) };
  return (row) =>
    row.inode === inode ||
    namesOf(row).some((name) => addresses.includes(name)) ||
    (bound !== undefined && row.boundInode?.inode === bound.inode && row.boundInode.device === bound.device);
}

/** What a socket is bound to, and of one whose receiver is closed what that was. */
function namesOf({ address, peerAddress }: ScannedSocketDocument): string[] {
  return [address, peerAddress].filter((name) => name !== undefined);
}

/** A choice of names with `*`, `?` and `[…]`, where a blank or a slash is a character as any other. */
export function patterns(flag: string, typed: string): Choice<(text: string) => boolean> {
  return parseChoice(flag, typed, pattern);
}

function pattern(word: string): (text: string) => boolean {
  const matches = picomatch(word, { dot: true, bash: true, nobrace: true, noextglob: true });
  return (text) => text === word || matches(text);
}

/** Between the texts that are searched, so that no match reaches from one into the next. */
const haystackEnd = '\n';

/** Whether a word stands in the address, command, executable, user, unit or container of either end, in any case. */
export function containsWord(word: string): Criterion {
  const wanted = word.toLowerCase();
  return (connection, facts) => haystackOf(connection, facts).includes(wanted);
}

function haystackOf(connection: Connection, facts: ConnectionFacts): string {
  const parts: (string | null | undefined)[] = endsOf(connection).map(({ address }) => address);
  for (const holder of holdersOfEnds(connection)) {
    const process = facts.processOf(holder);
    const uid = facts.uidOf(holder);
    parts.push(
      holder.comm,
      process?.exe,
      process?.unit,
      process?.userUnit,
      process?.container?.id,
      process?.container?.runtime,
      uid === undefined ? undefined : facts.userName(uid),
    );
  }
  return parts.filter(Boolean).join(haystackEnd).toLowerCase();
}
