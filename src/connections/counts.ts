import { processKey } from '../document/process-key.js';
import type { CountDocument, CountedBy } from '../document/scan-document.js';
import type { HolderDocument } from '../document/socket-document.js';
import { gravityOf } from '../verdict/gravity.js';
import { type ConnectionFacts, holdersOfEnds } from './connection-facts.js';
import { type Connection, verdictOf } from './connections.js';
import type { Selection } from './selection.js';

/** One thing that connections are counted by. */
type Counted = Pick<CountDocument, 'name' | 'pid' | 'uid'> & { readonly key: string };

/**
 * Counts connections by who has them, those that have the most first. One whose ends are two users' or units' is counted
 * for each of them.
 */
export function countsOf(
  { connections, facts }: Pick<Selection, 'connections' | 'facts'>,
  by: CountedBy,
): CountDocument[] {
  const counts = new Map<string, CountDocument>();
  for (const connection of connections) {
    const isConnection = !['listener', 'receiver', 'unconnected'].includes(connection.kind);
    const verdict = verdictOf(connection);
    const found = new Map(ownersOf(connection, by, facts).map((one) => [one.key, one]));
    for (const { key, ...owner } of found.values()) {
      const known = counts.get(key) ?? { ...owner, connections: 0, others: 0 };
      counts.set(key, {
        ...known,
        connections: known.connections + (isConnection ? 1 : 0),
        others: known.others + (isConnection ? 0 : 1),
        verdict: gravityOf(known.verdict) <= gravityOf(verdict) ? known.verdict : verdict,
      });
    }
  }
  return [...counts.values()].sort(
    (a, b) =>
      b.connections - a.connections ||
      b.others - a.others ||
      gravityOf(a.verdict) - gravityOf(b.verdict) ||
      (a.name < b.name ? -1 : 1),
  );
}

function ownersOf(connection: Connection, by: CountedBy, facts: ConnectionFacts): Counted[] {
  switch (by) {
    case 'client':
    case 'service':
      return connection[by] === undefined && isAlone(connection) ? [] : [holdersOf(connection, by)];
    case 'user':
      return eachHolder(connection, (holder) => userOf(holder, facts));
    case 'unit':
      return eachHolder(connection, (holder) => unitOf(holder, facts));
  }
}

/** Whether it has no other end at all, such as a listener. */
function isAlone({ kind }: Connection): boolean {
  return kind === 'listener' || kind === 'receiver' || kind === 'unconnected';
}

function holdersOf(connection: Connection, end: 'client' | 'service'): Counted {
  const [first, ...more] = connection[end]?.holders ?? [];
  if (first === undefined) {
    const other = connection[end === 'client' ? 'service' : 'client'];
    const isClosed = connection[end] === undefined && (other?.shutdown?.length === 2 || other?.receiverClosed === true);
    const name = isClosed ? '(closed)' : '?';
    return { key: name, name };
  }
  const name = `${first.comm ?? '?'} ${first.pid}${more.length === 0 ? '' : ` +${more.length}`}`;
  return { key: [first, ...more].map(processKey).join(' '), name, pid: first.pid };
}

/** Of both ends, or what stands for holders that were not seen. */
function eachHolder(connection: Connection, of: (holder: HolderDocument) => Counted): Counted[] {
  const holders = holdersOfEnds(connection);
  return holders.length === 0 ? [notSeen] : holders.map(of);
}

const notSeen: Counted = { key: '?', name: '?' };

function userOf(holder: HolderDocument, facts: ConnectionFacts): Counted {
  const uid = facts.uidOf(holder);
  return uid === undefined ? notSeen : { key: `${uid}`, name: facts.userName(uid) ?? `${uid}`, uid };
}

/** The unit; of a container the container, and `-` of a process that is in neither. */
function unitOf(holder: HolderDocument, facts: ConnectionFacts): Counted {
  const process = facts.processOf(holder);
  if (process === undefined) return notSeen;
  const { unit, userUnit, container } = process;
  const place = container ? `${container.runtime}:${container.id}` : unit && userUnit ? `${unit}/${userUnit}` : unit;
  // Absent where it could not be read
  if (place === undefined) return notSeen;
  return { key: ` ${place ?? ''}`, name: place ?? '-' };
}
