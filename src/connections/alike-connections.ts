import type { ScannedSocketDocument } from '../document/scan-document.js';
import type { HolderDocument } from '../document/socket-document.js';
import type { Connection } from './connections.js';

type Row = ScannedSocketDocument;

/** Connections that nothing tells apart but the numbers of their sockets and descriptors. */
export interface Alike {
  /** Where the first of them is in the list. */
  readonly at: number;
  /** At least one, in their order. */
  readonly all: readonly [Connection, ...Connection[]];
}

/**
 * What two ends may differ in and be alike. `brief` is for a line: of findings their ids are compared, and how much waits
 * to be read is no difference. `whole` is for a block that tells all.
 */
export type Closeness = 'brief' | 'whole';

/**
 * Brings together those that are alike, each where its first is: the same processes, address, verdict and findings.
 *
 * @param shown - what else is shown of the connection with this index; what differs in it is not alike
 */
export function bringTogether(
  connections: readonly Connection[],
  closeness: Closeness,
  shown: (index: number) => string = () => '',
): Alike[] {
  const keys = new Keys(closeness);
  const known = new Map<string, { readonly at: number; readonly all: [Connection, ...Connection[]] }>();
  connections.forEach((connection, at) => {
    const key = `${shown(at)}\n${keys.of(connection)}`;
    const alike = known.get(key);
    if (alike === undefined) known.set(key, { at, all: [connection] });
    else alike.all.push(connection);
  });
  return [...known.values()];
}

/** Each in a line of its own. */
export function each(connections: readonly Connection[]): Alike[] {
  return connections.map((connection, at) => ({ at, all: [connection] }));
}

/** The numbers of the socket itself, and how it was found out. */
const ofTheSocket: readonly (keyof Row)[] = ['inode', 'peerInode', 'evidence', 'holders', 'pending'];
const notInBrief: readonly (keyof Row)[] = ['queue', 'text', 'findings', 'unavailable'];

/** Gives equal texts to connections that are alike. Thousands of rows share their objects, each of which is read once. */
class Keys {
  readonly #numbers = new WeakMap<object, number>();
  readonly #byJson = new Map<string, number>();
  readonly #left: ReadonlySet<string>;

  constructor(private readonly closeness: Closeness) {
    this.#left = new Set(closeness === 'brief' ? [...ofTheSocket, ...notInBrief] : ofTheSocket);
  }

  of({ kind, service, client }: Connection): string {
    return `${kind}|${this.#ofRow(service)}|${this.#ofRow(client)}`;
  }

  #ofRow(row: Row | undefined): string {
    if (row === undefined) return '';
    const parts: string[] = row.holders.map(holderKey);
    if (row.pending !== undefined) parts.push(`waiting ${row.pending.length}`);
    if (this.closeness === 'brief') for (const { id, severity } of row.findings) parts.push(`${id} ${severity}`);
    for (const [name, value] of Object.entries(row) as [string, unknown][]) {
      if (this.#left.has(name)) continue;
      parts.push(
        `${name} ${typeof value === 'object' && value !== null ? `#${this.#number(value)}` : JSON.stringify(value)}`,
      );
    }
    return parts.join('\n');
  }

  #number(value: object): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const json = JSON.stringify(value);
    const number = this.#byJson.get(json) ?? this.#byJson.size;
    this.#byJson.set(json, number);
    this.#numbers.set(value, number);
    return number;
  }
}

/** Without its descriptors. */
function holderKey({ pid, pidfdId, thread, ioUring, activity }: HolderDocument): string {
  return `held ${pid}/${pidfdId ?? ''}/${thread ?? ''}/${ioUring === undefined ? '' : 'ring'}/${activity ?? ''}`;
}
