import type { BusEntry, BusMessage, Counted } from '../../native-probe/bus/bus-message.js';
import { type Reading, valueOf } from '../words/reading.js';
import { busName } from './bus-name.js';
import { mostCredentials, mostNames, mostValues } from './bus-limits.js';
import type { BusTalk } from './bus-talk.js';

/** A connection of a bus, by its names. */
export interface BusClient {
  /** Such as `:1.42`: never given to another connection while the bus runs. */
  readonly uniqueName: string;
  /** The well-known names that it owns. */
  readonly names: readonly string[];
}

/** The names of a bus at one moment. */
export interface BusNames {
  /** All connections but our own. */
  readonly clients: readonly BusClient[];
  /** Well-known names that nobody owns, and for which the bus would start somebody. */
  readonly activatable: Reading<readonly string[]>;
  /** Names that were not looked at, since there are more than the most. */
  readonly cut: number;
}

/** Asks a bus for its names, and who has each. @returns or why the bus does not even list its names */
export function busNames(talk: BusTalk): Reading<BusNames> {
  const [listed, couldStart] = talk.ask([{ member: 'ListNames' }, { member: 'ListActivatableNames' }], textsIn);
  if (listed === undefined || couldStart === undefined) throw new Error('a call has no answer');
  if ('error' in listed) return listed;
  const { first: all, count } = listed.value;
  const known = all.filter((name) => !name.startsWith(':') && name !== busName);
  const owners = talk.ask(
    known.map((argument) => ({ member: 'GetNameOwner', argument })),
    (answer) => answer.text().toString('latin1'),
  );
  const namesOf = new Map<string, string[]>();
  for (const name of all) if (name.startsWith(':') && name !== talk.ownName) namesOf.set(name, []);
  known.forEach((name, index) => {
    const owner = owners[index] && valueOf(owners[index]);
    if (owner !== undefined) namesOf.get(owner)?.push(name);
  });
  return {
    value: {
      clients: [...namesOf].map(([uniqueName, names]) => ({ uniqueName, names: names.sort() })),
      activatable: 'error' in couldStart ? couldStart : { value: withoutOwner(couldStart.value.first, known) },
      cut: count - all.length,
    },
  };
}

/** GetConnectionCredentials of each name. Descriptors in them belong to whoever takes this. */
export function busCredentials(talk: BusTalk, names: readonly string[]): Reading<Counted<BusEntry>>[] {
  return talk.ask(
    names.map((argument) => ({ member: 'GetConnectionCredentials', argument })),
    (answer) => answer.entries(mostCredentials, mostValues),
  );
}

/** Whether the bus says that nobody has the name (any more). */
export function isGone(read: Reading<unknown>): boolean {
  return 'error' in read && read.error.code === 'ENXIO';
}

function textsIn(answer: BusMessage): Counted<string> {
  const { first, count } = answer.texts(mostNames);
  return { first: first.map((name) => name.toString('latin1')), count };
}

function withoutOwner(names: readonly string[], owned: readonly string[]): string[] {
  const has = new Set([...owned, busName]);
  return names.filter((name) => !has.has(name)).sort();
}
