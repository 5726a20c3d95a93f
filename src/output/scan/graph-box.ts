import { fewOf, mostNamed } from '../../words/few.js';
import { type Attributes, dotLabel, dotRecord } from './dot.js';
import { groupLines } from './graph-groups.js';
import { orange } from './graph-legend.js';
import type { GraphNode, Row } from './graph-nodes.js';

/** How a node is drawn: what it is, and below that a row for each address that it serves. */
export function boxAttributes(node: GraphNode, framed: string | undefined): Attributes {
  const { group, shares, rows, deceives } = node;
  const kind = group?.actors[0].kind ?? 'shared';
  const lines = group === undefined ? sharedLines(shares) : groupLines(group, framed);
  const listed = fewOf(sortedRows(node), rowText);
  const outline = { process: 'rounded', ended: 'rounded,dashed', unseen: 'rounded,dotted', shared: 'dotted' }[kind];
  return {
    label: listed.length === 0 ? dotLabel(lines) : dotRecord([lines, ...listed.map((row) => [row])]),
    shape: listed.length > 0 ? 'record' : kind === 'shared' ? 'ellipse' : undefined,
    style: rows.size > 0 ? `"${outline},filled"` : outline === 'rounded' ? undefined : `"${outline}"`,
    fillcolor: rows.size > 0 ? '"#f1f5fb"' : undefined,
    color: deceives ? orange : undefined,
    penwidth: deceives ? '2' : undefined,
  };
}

function sharedLines(shares: number): string[] {
  return [`${shares} processes share it`, ...(shares > mostNamed ? [`lines to ${mostNamed} of them`] : [])];
}

/** Where an edge to a row of a node ends, and whether that row is the address itself. */
export function rowOf(node: GraphNode, row: Row | undefined): { readonly name?: string; readonly isExact: boolean } {
  if (row === undefined) return { isExact: true };
  const at = sortedRows(node).indexOf(row);
  // The title is the first field
  return { name: `f${Math.min(at, mostNamed) + 1}`, isExact: at < mostNamed };
}

const sorted = new WeakMap<GraphNode, readonly Row[]>();

/** Those with the most clients first. To be called when all are there. */
function sortedRows(node: GraphNode): readonly Row[] {
  const known = sorted.get(node);
  if (known !== undefined) return known;
  const rows = [...node.rows.values()].sort(
    (a, b) => b.remarks.size - a.remarks.size || b.clients - a.clients || (a.text < b.text ? -1 : 1),
  );
  sorted.set(node, rows);
  return rows;
}

function rowText({ text, clients, listeners, receives, remarks }: Row): string {
  const said = [...remarks, ...(clients === 0 ? [receives ? 'receives' : 'listens'] : [])].join(', ');
  return `${text}${said === '' ? '' : ` (${said})`}${listeners > 1 ? ` ×${listeners}` : ''}`;
}
