import { hasClosedEnd } from '../../connections/connection-facts.js';
import { isConnected } from '../../connections/connection-kinds.js';
import { type Connection, deceivesSomebody, verdictOf } from '../../connections/connections.js';
import { isDoubtful, verdictThatCounts } from '../../connections/doubt.js';
import type { ScannedSocketDocument } from '../../document/scan-document.js';
import type { Verdict } from '../../verdict/verdict.js';
import { mostNamed } from '../../words/few.js';
import { safe } from '../safe.js';
import type { Actor, Actors } from './graph-actors.js';
import { type Closeness, type Group, groupKey, programKey } from './graph-groups.js';

/** What a connection is told apart by; {@link notAsked} where nobody asked for its verdict. */
export type EdgeVerdict = Verdict | typeof notAsked;
export const notAsked = 'not asked';

/** An address that a node serves. */
export interface Row {
  readonly text: string;
  clients: number;
  /** Of those that are drawn. */
  listeners: number;
  readonly receives: boolean;
  /** What is to be said of its listener. */
  readonly remarks: Set<string>;
}

/** A box, or what stands for those that share an end. */
export interface GraphNode {
  /** As DOT has it. */
  readonly id: string;
  /** Undefined for several groups that share an end. */
  readonly group: Group | undefined;
  /** How many share an end. */
  readonly shares: number;
  readonly rows: Map<string, Row>;
  /** How many connections it has. */
  weight: number;
  /** Whether a listener of it deceives. */
  deceives: boolean;
}

/** Connections between the same two, to the same address and with the same verdict. */
export interface GraphEdge {
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly row: Row | undefined;
  /** What it is called where it leads to no row, and what is to be said of it. */
  readonly what: readonly string[];
  /** Neither end was connected to the other: socketpair(2). */
  readonly pair: boolean;
  readonly verdict: EdgeVerdict;
  readonly deceives: boolean;
  number: number;
}

/** A connection, and who is at its ends. */
export interface Link {
  readonly connection: Connection;
  readonly from: readonly Actor[];
  readonly to: readonly Actor[];
  readonly deceives: boolean;
}

/** Everything that is drawn. */
export interface DrawnGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Which groups have an end open that several share. */
  readonly shares: readonly (readonly [shared: GraphNode, holder: GraphNode])[];
}

/** The connections, each with who is at its ends. */
export function linksOf(connections: readonly Connection[], actors: Actors): Link[] {
  return connections.filter(isConnected).map((connection) => {
    const [from, to] = [actors.ofEnd('client', connection), actors.ofEnd('service', connection)];
    if (connection.service?.address !== undefined) for (const actor of to) actor.serves = true;
    return { connection, from, to, deceives: deceivesSomebody(connection) };
  });
}

/** The nodes and edges of some links, as close together as is wanted. */
export class GraphNodes {
  readonly #groups = new Map<string, GraphNode>();
  readonly #shared = new Map<string, GraphNode>();
  readonly #shares: [GraphNode, GraphNode][] = [];
  readonly #edges = new Map<string, GraphEdge>();
  readonly #ofActor = new Map<Actor, GraphNode>();

  /**
   * @param targets - by the {@link programKey} of a client to what it connects
   * @param kept - keys of groups: all others are one. Without it each is for itself
   */
  constructor(
    private readonly closeness: Closeness,
    private readonly targets: ReadonlyMap<string, string> = new Map(),
    private readonly kept?: ReadonlySet<string>,
  ) {}

  get drawn(): DrawnGraph {
    const nodes = [...this.#groups.values(), ...this.#shared.values()];
    return { nodes, edges: [...this.#edges.values()], shares: this.#shares };
  }

  get groupCount(): number {
    return this.#groups.size;
  }

  /** The keys of the groups, those that matter most first; of equal ones all or none. @param most - how many at most */
  heaviest(most: number): string[] {
    const sorted = [...this.#groups].sort(([, a], [, b]) => b.weight - a.weight);
    const [, next] = sorted[most] ?? [];
    const all = sorted.slice(0, most);
    const heavier = next === undefined ? all : all.filter(([, { weight }]) => weight > next.weight);
    return heavier.map(([key]) => key);
  }

  addLink({ connection, from, to, deceives }: Link): void {
    const { service, client } = connection;
    const [source, target] = [this.#nodeFor(from), this.#nodeFor(to)];
    const row = service?.address === undefined ? undefined : this.#row(target, service, service.address);
    const pair = row === undefined && client?.address === undefined && service !== undefined && client !== undefined;
    const type = (service ?? client)?.type ?? '';
    const name = client?.address === undefined ? `${type}${pair ? ' pair' : ''}` : safe(client.address);
    const what = [...(row === undefined ? [name] : []), ...lacking(connection)];
    const verdict = verdictOf(connection) ?? notAsked;
    const parts = [source.id, target.id, row?.text, type, what, verdict, deceives];
    const key = JSON.stringify(this.closeness === 'each' ? [this.#edges.size] : parts);
    const edge = this.#edges.get(key) ?? { from: source, to: target, row, what, pair, verdict, deceives, number: 0 };
    this.#edges.set(key, edge);
    edge.number++;
    if (row !== undefined) row.clients++;
    for (const node of [source, target]) node.weight += deceives ? Infinity : 1;
  }

  /** Notes what a listener or receiver is bound to at those that have it open. */
  addListener(connection: Connection, actors: Actors): void {
    const { service } = connection;
    if (service === undefined) return;
    const holders = actors.ofEnd('service', connection);
    const groups = [...new Set(holders.map((holder) => this.#group(holder)))];
    // Where too many share it, what stands for them together
    for (const node of groups.length > mostNamed ? [this.#nodeFor(holders)] : groups) {
      const row = this.#row(node, service, service.address ?? service.type);
      row.listeners++;
      if (isDoubtful(service)) row.remarks.add(verdictThatCounts(service) ?? '');
      if (service.deceives !== true) continue;
      node.deceives = true;
      node.weight = Infinity;
    }
  }

  #row(node: GraphNode, { type }: ScannedSocketDocument, address: string): Row {
    const text = `${safe(address)}${type === 'stream' || address === type ? '' : ` (${type})`}`;
    const known = node.rows.get(text);
    if (known !== undefined) return known;
    const row: Row = { text, clients: 0, listeners: 0, receives: type === 'dgram', remarks: new Set() };
    node.rows.set(text, row);
    return row;
  }

  #nodeFor(actors: readonly Actor[]): GraphNode {
    const groups = [...new Set(actors.map((actor) => this.#group(actor)))];
    const [first, second] = groups;
    if (first !== undefined && second === undefined) return first;
    const key = groups.map(({ id }) => id).join('\n');
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const shared = newNode(`shared ${this.#shared.size}`, undefined, actors.length);
    this.#shared.set(key, shared);
    this.#shares.push(...groups.slice(0, mostNamed).map((node) => [shared, node] as [GraphNode, GraphNode]));
    return shared;
  }

  #group(actor: Actor): GraphNode {
    const known = this.#ofActor.get(actor);
    if (known !== undefined) return known;
    const own = groupKey(actor, this.closeness, this.targets.get(programKey(actor)));
    const isRest = this.kept?.has(own) === false;
    const key = isRest ? 'rest' : own;
    const node = this.#groups.get(key) ?? this.#newGroup(key, actor, isRest);
    if (node.group?.actors[0] !== actor) node.group?.actors.push(actor);
    this.#ofActor.set(actor, node);
    return node;
  }

  #newGroup(key: string, actor: Actor, isRest: boolean): GraphNode {
    const id = this.closeness === 'each' ? actor.id : `group ${this.#groups.size}`;
    const node = newNode(id, { actors: [actor], isRest });
    this.#groups.set(key, node);
    return node;
  }
}

function newNode(id: string, group: Group | undefined, shares = 0): GraphNode {
  return { id, group, shares, rows: new Map(), weight: 0, deceives: false };
}

/** Why nobody reads at the other end, or not yet. */
function lacking(connection: Connection): string[] {
  if (connection.kind === 'waiting') return ['waits to be accepted'];
  return hasClosedEnd(connection) ? ['closed at the other end'] : [];
}
