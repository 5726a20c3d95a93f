import type { BusConnectionDocument } from '../document/bus-document.js';
import type { BusEvent } from '../document/bus-event.js';
import { mostFollowed } from './bus-limits.js';
import type { BusClient } from './bus-said.js';
import type { BusClientFacts } from './look-at-client.js';
import type { NameChange } from './name-change.js';
import type { BusLook, OpenBus } from './open-bus.js';

/** What of a bus is followed, and how. */
export interface FollowerOptions {
  /** Names that are wanted; all where it is empty. */
  readonly wanted: readonly string[];
  /** Those that were there at the start, with their names. */
  readonly present: readonly BusConnectionDocument[];
  readonly describe: (client: BusClientFacts, look: BusLook) => BusConnectionDocument;
  /** Is given each connection that is shown. */
  readonly shown: (connection: BusConnectionDocument) => void;
}

/** Who has which names on a bus, and what changes. */
export class BusFollower {
  /** By the unique name, what is known to be there, and its well-known names. */
  readonly #there: Map<string, Set<string>>;

  constructor(
    private readonly bus: OpenBus,
    private readonly options: FollowerOptions,
    private readonly tell: (event: BusEvent) => void,
  ) {
    this.#there = new Map(options.present.map(({ uniqueName, names }) => [uniqueName, new Set(names)]));
  }

  /** Tells what changed since the last time. @returns whether there was anything, so that there may be more by now */
  take(): boolean {
    const { changes, lost } = this.bus.changes();
    const others = changes.filter(({ name, from, to }) => ![name, from, to].includes(this.bus.ownName));
    const room = Math.max(0, mostFollowed - this.#there.size);
    const taken = others.slice(0, room);
    const known = this.#lookAt(taken);
    const time = new Date().toISOString();
    for (const change of taken) this.#note(change, known, time);
    const dropped = lost + others.length - taken.length;
    if (dropped > 0) this.tell({ event: 'lost', time, changes: dropped });
    return changes.length > 0;
  }

  /** Looks at all who came or have a new name, and are still there. */
  #lookAt(changes: readonly NameChange[]): ReadonlyMap<string, BusConnectionDocument> {
    const names = new Map<string, Set<string>>();
    for (const { name, from, to } of changes) {
      const isUnique = name.startsWith(':');
      if (from !== undefined && !isUnique) (names.get(from) ?? this.#there.get(from))?.delete(name);
      if (to !== undefined && this.#isWanted(name, to)) {
        const owned = names.get(to) ?? new Set(this.#there.get(to));
        if (!isUnique) owned.add(name);
        names.set(to, owned);
      }
      if (isUnique && to === undefined) names.delete(name);
    }
    if (names.size === 0) return new Map();
    const clients = Array.from(names, ([uniqueName, owned]): BusClient => ({ uniqueName, names: [...owned].sort() }));
    const look = this.bus.look(clients);
    return new Map(look.clients.map((client) => [client.uniqueName, this.options.describe(client, look)]));
  }

  #note({ name, from, to }: NameChange, known: ReadonlyMap<string, BusConnectionDocument>, time: string): void {
    if (!name.startsWith(':')) {
      if (from !== undefined) this.#there.get(from)?.delete(name);
      if (to !== undefined) this.#there.get(to)?.add(name);
      if (this.#isWanted(name)) {
        const ends = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
        this.tell({ event: 'name', time, name, ...ends, ...this.#connection(to, known) });
      }
    } else if (to !== undefined) {
      // It may have been listed already
      if (this.#there.has(name)) return;
      this.#there.set(name, new Set());
      if (this.#isWanted(name)) this.tell({ event: 'came', time, uniqueName: name, ...this.#connection(name, known) });
    } else {
      const isWanted = this.#isWanted(name, ...(this.#there.get(name) ?? []));
      this.#there.delete(name);
      if (isWanted) this.tell({ event: 'went', time, uniqueName: name });
    }
  }

  #connection(
    name: string | undefined,
    known: ReadonlyMap<string, BusConnectionDocument>,
  ): { readonly connection?: BusConnectionDocument } {
    const connection = name === undefined ? undefined : known.get(name);
    if (connection === undefined) return {};
    this.options.shown(connection);
    return { connection };
  }

  #isWanted(...names: readonly string[]): boolean {
    const { wanted } = this.options;
    return wanted.length === 0 || names.some((name) => wanted.includes(name));
  }
}
