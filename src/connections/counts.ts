import { processKey } from '../document/process-key.js';
import type { ProcessDocument } from '../document/process-document.js';
import type { CountDocument, CountedBy, ScannedSocketDocument } from '../document/scan-document.js';
import type { HolderDocument } from '../document/socket-document.js';
import { gravityOf } from '../verdict/gravity.js';
import { type ConnectionFacts, remainingEnd, holdersOfEnds } from './connection-facts.js';
import { isConnected } from './connection-kinds.js';
import { type Connection, verdictOf } from './connections.js';
import type { Selection } from './selection.js';

type Row = ScannedSocketDocument;

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
    const isConnection = isConnected(connection);
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
      return connection[by] === undefined && !isConnected(connection) ? [] : [holdersOf(connection, by)];
    case 'user':
      return eachEnd(
        connection,
        (holder) => userOf(holder, facts),
        ({ credential }) => user(credential?.uid, facts),
      );
    case 'unit':
      return eachEnd(
        connection,
        (holder) => unitOf(facts.processOf(holder)),
        ({ byPidfd }) =>
          unitOf(byPidfd ? (facts.processOf({ ...byPidfd, pid: byPidfd.pid ?? 0 }) ?? byPidfd) : undefined),
      );
  }
}

function holdersOf(connection: Connection, end: 'client' | 'service'): Counted {
  const [first, ...more] = connection[end]?.holders ?? [];
  if (first === undefined) return closedEnd(connection, end) ?? notSeen;
  const name = `${first.comm ?? '?'} ${first.pid}${more.length === 0 ? '' : ` +${more.length}`}`;
  return { key: [first, ...more].map(processKey).join(' '), name, pid: first.pid };
}

/** An end that is closed, by the process that connected or listened there: the other end has the credential. */
function closedEnd(connection: Connection, end: 'client' | 'service'): Counted | undefined {
  const other = remainingEnd(connection, end);
  if (other === undefined) return undefined;
  const process = isOfOneEnd(other) ? other.byPidfd : undefined;
  if (process?.pid !== undefined && process.pid > 0 && process.comm !== undefined) {
    const { pid, comm } = process;
    return { key: `closed ${processKey(process)}`, name: `${comm} ${pid} (closed)`, pid };
  }
  const pid = isOfOneEnd(other) ? (other.credential?.pid ?? 0) : 0;
  if (process?.state !== 'exited' || pid <= 0) return { key: '(closed)', name: '(closed)' };
  return { key: `ended ${processKey({ ...process, pid })}`, name: `PID ${pid} (ended)` };
}

/** Of a pair both ends have the credential of who made it. */
function isOfOneEnd({ recordedBy }: Row): boolean {
  return recordedBy === 'connect(2)' || recordedBy === 'listen(2)';
}

/** Of both ends, also a closed one, or what stands for holders that were not seen. */
function eachEnd(
  connection: Connection,
  of: (holder: HolderDocument) => Counted,
  closed: (other: Row) => Counted,
): Counted[] {
  const known = holdersOfEnds(connection).map(of);
  for (const end of ['client', 'service'] as const) {
    const other = remainingEnd(connection, end);
    if (other !== undefined && isOfOneEnd(other)) known.push(closed(other));
  }
  return known.length === 0 ? [notSeen] : known;
}

const notSeen: Counted = { key: '?', name: '?' };

function userOf(holder: HolderDocument, facts: ConnectionFacts): Counted {
  return user(facts.uidOf(holder), facts);
}

function user(uid: number | undefined, facts: ConnectionFacts): Counted {
  return uid === undefined ? notSeen : { key: `${uid}`, name: facts.userName(uid) ?? `${uid}`, uid };
}

/** The unit; of a container the container, and `-` of a process that is in neither. */
function unitOf(process: Pick<ProcessDocument, 'unit' | 'userUnit' | 'container'> | undefined): Counted {
  if (process === undefined) return notSeen;
  const { unit, userUnit, container } = process;
  const place = container ? `${container.runtime}:${container.id}` : unit && userUnit ? `${unit}/${userUnit}` : unit;
  // Absent where it could not be read
  if (place === undefined) return notSeen;
  return { key: ` ${place ?? ''}`, name: place ?? '-' };
}
