import { type Connection, connectionsOf, verdictOf } from '../scanning/connections.js';
import type { ScanDocument } from '../scanning/scan-document.js';
import { alignColumns, lineWidth, widthsOf } from './columns.js';
import { foldedBeside } from './folded-beside.js';
import { columnsFor, namespaceNames, type ScanColumn } from './scan-columns.js';
import { scanSummary } from './scan-summary.js';
import { paintVerdict, type Style } from './style.js';

/** A scan as a table of connections, the worst first, and what it sums up to. */
export function scanText(document: ScanDocument, style: Style): string {
  return `${connectionTable(document, style)}\n\n${scanSummary(document, style)}\n`;
}

/** A line for each connection, and for each socket that has none. */
export function connectionTable(
  { sockets, networkNamespaces }: Pick<ScanDocument, 'sockets' | 'networkNamespaces'>,
  style: Style,
): string {
  const connections = connectionsOf(sockets);
  const names = namespaceNames(networkNamespaces);
  const available = columnsFor(names);
  const all = available.map((column) => [
    column.heading,
    ...connections.map((connection) => column.cell(connection, names)),
  ]);
  const { columns, dropped } = fitting(available, all, style.width);
  const lines = Array.from({ length: connections.length + 1 }, (_, line) =>
    columns.map(({ index }) => all[index]?.[line] ?? ''),
  );
  const drawn = alignColumns(
    columns.map(({ column }) => column),
    lines,
    style.width,
    painter(connections, style),
  );
  if (dropped.length === 0) return drawn.join('\n');
  const note = `No room for ${dropped.map(({ heading }) => heading).join(', ')}: --long tells all.`;
  return [...drawn, '', style.chalk.dim(foldedBeside(note, 0, style))].join('\n');
}

interface Chosen {
  readonly column: ScanColumn;
  readonly index: number;
}

/** On a narrow terminal some columns make room for the others. @param cells - column by column */
function fitting(
  available: readonly ScanColumn[],
  cells: readonly (readonly string[])[],
  width: number | undefined,
): { readonly columns: readonly Chosen[]; readonly dropped: readonly ScanColumn[] } {
  let columns: Chosen[] = available.map((column, index) => ({ column, index }));
  const dropped: ScanColumn[] = [];
  const widths = cells.map((column) => widthsOf(column.map((cell) => [cell]))[0] ?? 0);
  while (width !== undefined && lineWidth(columns.map(({ index }) => widths[index] ?? 0)) > width) {
    const next = columns.find(({ column }) => column.droppable === true);
    if (next === undefined) break;
    dropped.push(next.column);
    columns = columns.filter((column) => column !== next);
  }
  return { columns, dropped };
}

function painter(
  connections: readonly Connection[],
  style: Style,
): (cell: string, column: number, line: number) => string {
  return (cell, column, line) => {
    if (line === 0) return style.chalk.dim(cell);
    const connection = column === 0 ? connections[line - 1] : undefined;
    const verdict = connection && verdictOf(connection);
    return verdict === undefined ? cell : paintVerdict(cell, verdict, style);
  };
}
