import type { Connection } from '../../connections/connections.js';
import type { Names } from '../../document/names.js';
import type { ScanDocument } from '../../document/scan-document.js';
import { counted } from '../../words/counted.js';
import { fold } from '../fold.js';
import { localTime } from '../time.js';
import { type Attributes, dotAttributes, dotLabel, dotString } from './dot.js';
import { Actors } from './graph-actors.js';
import { boxAttributes, rowOf } from './graph-box.js';
import { type ChosenGraph, chooseGraph } from './graph-choice.js';
import { groupFrame } from './graph-groups.js';
import { edgeStyles, type EdgeStyle, grey, styleOf } from './graph-legend.js';
import type { GraphEdge, GraphNode } from './graph-nodes.js';
import type { ScanRun } from './scan-metrics.js';
import { notSeenLines } from './scan-summary.js';

/** Who talks to whom, in the language of Graphviz: programs as nodes, connections as edges from client to service. */
export function scanGraph(
  document: Pick<ScanDocument, 'processes' | 'networkNamespaces' | 'notSeen'>,
  connections: readonly Connection[],
  names: Names,
  { each = false }: { readonly each?: boolean },
  run: Pick<ScanRun, 'host' | 'endedAt'>,
): string {
  const chosen = chooseGraph(connections, new Actors(document, names), each);
  const caption = [...whatLines(chosen), ...notSeenLines(document.notSeen, document.networkNamespaces)];
  const title = `peerpid scan on ${run.host}, ${localTime(new Date(run.endedAt * 1000).toISOString())}`;
  const frames = framesOf(chosen);
  const lines = [
    'digraph peerpid {',
    `  graph ${dotAttributes({ rankdir: 'LR', ranksep: '1.2', nodesep: '0.15', ...font, fontsize: '11', labelloc: 'b', labeljust: 'l', label: captionLabel(caption) })};`,
    `  node ${dotAttributes({ shape: 'box', style: 'rounded', ...font, fontsize: '11' })};`,
    `  edge ${dotAttributes({ ...font, fontsize: '10' })};`,
    ...nodeLines(chosen.nodes, frames),
    ...chosen.shares.map(([shared, holder]) => edgeLine(shared.id, holder.id, sharing)),
    ...chosen.edges.map(connectionLine),
    ...legendLines(title, chosen.edges),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

const font = { fontname: '"sans-serif"' };
const sharing = { dir: 'none', style: 'dotted', color: grey };

const captionWidth = 120;

/** What stands below, so that nobody takes a part for the whole. */
function captionLabel(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return undefined;
  return dotLabel(
    lines.flatMap((line) => fold(line, captionWidth, 2).split('\n')),
    '\\l',
  );
}

/** What a box is, and what was left out. */
function whatLines({ closeness, leftOut: { idle, within } }: ChosenGraph): string[] {
  const box = {
    each: 'a box: a process',
    place: 'a box: processes of one program, user and unit or container',
    program: 'a box: processes of one program and user, in all units or in all containers of a kind',
    targets:
      'a box: processes of one program and user, in all units or in all containers of a kind; or clients that connect to the same services',
  }[closeness];
  const left = [
    ...(idle === 0 ? [] : [`${counted(idle, 'listener')} without a client`]),
    ...(within === 0 ? [] : [`${counted(within, 'connection')} without a name inside one program`]),
  ];
  return [
    `${box}; under its line: the addresses that it serves`,
    ...(left.length === 0 ? [] : [`left out: ${left.join(', ')} (--each shows all)`]),
  ];
}

function connectionLine(edge: GraphEdge): string {
  const { from, to, row, what, verdict, deceives, number, pair } = edge;
  const port = rowOf(to, row);
  const style = edgeStyles[styleOf(edge)];
  const verdictWords = style.isTold ? [verdict] : [];
  const numbers = number === 1 ? [] : [`×${number}`];
  const last = [...verdictWords, ...numbers].join(' ');
  const label = [...(port.isExact ? [] : [row?.text ?? '']), ...what, ...(last === '' ? [] : [last])].filter(Boolean);
  // As thick as they are many
  const width = (deceives ? 2 : 1) + Math.log10(number);
  return edgeLine(from.id, to.id, {
    label: label.length === 0 ? undefined : dotLabel(label),
    color: style.color,
    fontcolor: style.color,
    style: style.style,
    dir: pair ? 'both' : undefined,
    penwidth: width === 1 ? undefined : width.toFixed(1),
    headport: port.name === undefined ? undefined : dotString(port.name),
  });
}

function edgeLine(from: string, to: string, attributes: Attributes): string {
  return `  ${dotString(from)} -> ${dotString(to)} ${dotAttributes(attributes)};`;
}

/** Of a frame its text, what it is, and who is in it. */
interface DrawnFrame {
  readonly text: string;
  readonly kind: string;
  readonly nodes: GraphNode[];
}

/** By key. A unit of one node is no frame, but a line in it. */
function framesOf({ nodes, closeness }: ChosenGraph): DrawnFrame[] {
  const frames = new Map<string, DrawnFrame & { readonly texts: Set<string> }>();
  for (const node of nodes) {
    const framed = node.group === undefined ? undefined : groupFrame(node.group, closeness);
    if (framed === undefined) continue;
    const { key, frame } = framed;
    const known = frames.get(key) ?? { text: frame.text, kind: frame.kind, nodes: [], texts: new Set() };
    frames.set(key, known);
    known.nodes.push(node);
    for (const actor of node.group?.actors ?? []) if (actor.frame !== undefined) known.texts.add(actor.frame.text);
    if (known.texts.size > 1) {
      frames.set(key, { ...known, text: `${frame.sort}: ${known.texts.size} containers` });
    }
  }
  return [...frames.values()].filter(({ kind, nodes }) => kind !== 'unit' || nodes.length > 1);
}

function nodeLines(nodes: readonly GraphNode[], frames: readonly DrawnFrame[]): string[] {
  const framed = new Set(frames.flatMap((frame) => frame.nodes));
  return [
    ...nodes.filter((node) => !framed.has(node)).map((node) => `  ${nodeLine(node, undefined)}`),
    ...frames.flatMap(({ text, kind, nodes: inside }, number) => [
      `  subgraph cluster_${number} {`,
      `    graph ${dotAttributes({ label: dotString(text), style: kind === 'unit' ? 'solid' : 'dashed', color: grey, labeljust: 'l', labelloc: 't', fontsize: '11' })};`,
      ...inside.map((node) => `    ${nodeLine(node, text)}`),
      '  }',
    ]),
  ];
}

function nodeLine(node: GraphNode, framed: string | undefined): string {
  return `${dotString(node.id)} ${dotAttributes(boxAttributes(node, framed))};`;
}

/** What is drawn how, of what there is, beside where and when it was. */
function legendLines(title: string, edges: readonly GraphEdge[]): string[] {
  const used = new Set(edges.map(styleOf));
  const shown = (Object.keys(edgeStyles) as EdgeStyle[]).filter((name) => used.has(name));
  const text = { shape: 'plaintext', style: 'solid', height: '0.2', margin: '"0.05,0"' };
  return [
    '  subgraph cluster_legend {',
    `    graph ${dotAttributes({ label: dotString(title), style: 'solid', color: grey, labeljust: 'l', labelloc: 't', fontsize: '12' })};`,
    ...(shown.length === 0 ? [`    "legend" ${dotAttributes({ ...text, label: dotString('no connection') })};`] : []),
    ...shown.flatMap((name) => {
      const { color, style, words } = edgeStyles[name];
      return [
        `    "legend ${name} from" ${dotAttributes({ shape: 'point', style: 'invis', label: '""' })};`,
        `    "legend ${name}" ${dotAttributes({ ...text, fontcolor: color, label: dotLabel([words], '\\l') })};`,
        `  ${edgeLine(`legend ${name} from`, `legend ${name}`, { color, style })}`,
      ];
    }),
    '  }',
  ];
}
