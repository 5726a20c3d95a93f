import { type Connection, deceivesSomebody, verdictOf } from '../../connections/connections.js';
import type { Names } from '../../document/names.js';
import type { ScanDocument } from '../../document/scan-document.js';
import { gravity, gravityOf } from '../../verdict/gravity.js';
import type { Verdict } from '../../verdict/verdict.js';
import { fewOf } from '../../words/few.js';
import { fold } from '../fold.js';
import { type Attributes, dotAttributes, dotLabel, dotString } from './dot.js';
import { type GraphNode, GraphNodes } from './graph-nodes.js';
import { notSeenLines } from './scan-summary.js';

/** What a connection is told apart by; {@link notAsked} where nobody asked for its verdict. */
type EdgeVerdict = Verdict | typeof notAsked;
const notAsked = 'not asked';

/** Connections between the same two, with the same address and verdict. */
interface Edge {
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly what: readonly string[];
  /** Neither end was connected to the other: socketpair(2). */
  readonly pair: boolean;
  readonly verdict: EdgeVerdict;
  readonly deceives: boolean;
  number: number;
}

/** Who talks to whom, in the language of Graphviz: processes as nodes, connections as edges from client to service. */
export function scanGraph(
  document: Pick<ScanDocument, 'processes' | 'networkNamespaces' | 'notSeen'>,
  connections: readonly Connection[],
  names: Names,
  { each = false }: { readonly each?: boolean } = {},
): string {
  const nodes = new GraphNodes(document, names);
  const edges = new Map<string, Edge>();
  for (const connection of connections) {
    const { kind } = connection;
    if (kind === 'listener' || kind === 'receiver') nodes.addListener(connection);
    else if (kind !== 'unconnected') addEdge(edges, connection, nodes, each);
  }
  const notSeen = notSeenLines(document.notSeen, document.networkNamespaces);
  const lines = [
    'digraph peerpid {',
    `  graph ${dotAttributes({ rankdir: 'LR', ...font, labelloc: 'b', labeljust: 'l', label: caption(notSeen) })};`,
    `  node ${dotAttributes({ shape: 'box', style: 'rounded', ...font })};`,
    `  edge ${dotAttributes({ ...font, fontsize: '10' })};`,
    ...nodeLines(nodes.all),
    ...nodes.shares.map(([shared, holder]) => edgeLine(shared, holder, { dir: 'none', style: 'dotted', color: grey })),
    ...[...edges.values()].map((edge) => edgeLine(edge.from, edge.to, attributesOf(edge))),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

const font = { fontname: '"sans-serif"' };
const grey = '"#666666"';
const orange = '"#a65c00"';
const red = '"#b00020"';

/** Dark enough to be read on white. The words say the same. */
const colours: Readonly<Record<EdgeVerdict, string>> = {
  contradicted: red,
  recycled: red,
  exited: orange,
  foreign: orange,
  unpinned: orange,
  pinned: '"#1b7f3b"',
  none: grey,
  [notAsked]: grey,
};

const captionWidth = 100;

/** What could not be seen, so that nobody takes a part for the whole. */
function caption(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return undefined;
  return dotLabel(
    lines.flatMap((line) => fold(line, captionWidth, 2).split('\n')),
    '\\l',
  );
}

function addEdge(edges: Map<string, Edge>, connection: Connection, nodes: GraphNodes, each: boolean): void {
  const { service, client } = connection;
  const from = nodes.ofEnd('client', connection);
  const to = nodes.ofEnd('service', connection);
  const address = service?.address ?? client?.address;
  const pair = address === undefined && service !== undefined && client !== undefined;
  const type = (service ?? client)?.type ?? '';
  const what = [address ?? `${type}${pair ? ' pair' : ''}`, ...remarksOf(connection)];
  const verdict = verdictOf(connection) ?? notAsked;
  const deceives = deceivesSomebody(connection);
  const key = JSON.stringify([from.id, to.id, type, what, verdict, deceives, ...(each ? [edges.size] : [])]);
  const edge = edges.get(key) ?? { from, to, what, pair, verdict, deceives, number: 0 };
  edges.set(key, edge);
  edge.number++;
}

function remarksOf({ kind, service, client }: Connection): string[] {
  if (kind === 'waiting') return ['waits to be accepted'];
  if (kind === 'sender') return ['connected, for datagrams'];
  const isClosed = (service === undefined || client === undefined) && (service ?? client)?.shutdown?.length === 2;
  return isClosed ? ['closed at the other end'] : [];
}

function attributesOf({ what, verdict, number, pair, deceives }: Edge): Attributes {
  const isExplained = gravityOf(verdict === notAsked ? undefined : verdict) < gravity.pinned && !deceives;
  const colour = isExplained ? grey : colours[verdict];
  return {
    label: dotLabel([...what, number === 1 ? verdict : `${verdict} ×${number}`]),
    color: colour,
    fontcolor: colour,
    dir: pair ? 'both' : undefined,
    penwidth: deceives ? '2' : undefined,
  };
}

function edgeLine({ id: from }: GraphNode, { id: to }: GraphNode, attributes: Attributes): string {
  return `  ${dotString(from)} -> ${dotString(to)} ${dotAttributes(attributes)};`;
}

/** Those of a container together. */
function nodeLines(nodes: readonly GraphNode[]): string[] {
  const clusters = new Map<string | undefined, string[]>([[undefined, []]]);
  for (const node of nodes) {
    const line = `${dotString(node.id)} ${dotAttributes(styleOf(node))};`;
    const cluster = clusters.get(node.cluster);
    if (cluster === undefined) clusters.set(node.cluster, [line]);
    else cluster.push(line);
  }
  return [...clusters].flatMap(([name, lines], number) =>
    name === undefined
      ? lines.map((line) => `  ${line}`)
      : [
          `  subgraph cluster_${number} {`,
          `    graph ${dotAttributes({ label: dotString(name), style: 'dashed', color: grey, labeljust: 'l' })};`,
          ...lines.map((line) => `    ${line}`),
          '  }',
        ],
  );
}

function styleOf({ kind, lines, listens, deceives }: GraphNode): Attributes {
  const listed = fewOf([...listens], ([text, count]) => (count === 1 ? text : `${text} ×${count}`));
  return {
    label: dotLabel([...lines, ...listed]),
    style: { process: undefined, ended: '"rounded,dashed"', unseen: '"rounded,dotted"', shared: 'dotted' }[kind],
    shape: kind === 'shared' ? 'ellipse' : undefined,
    color: deceives ? orange : undefined,
  };
}
