import { type Connection, connectionsOf, verdictOf } from '../scanning/connections.js';
import type { ScanDocument } from '../scanning/scan-document.js';
import { alignColumns, type Cells, cellsOf, lineWidth } from './columns.js';
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
  const available = columnsFor(names).map((column) => ({
    ...cellsOf(column, [column.heading, ...connections.map((connection) => column.cell(connection, names))]),
    column,
  }));
  const { columns, dropped } = fitting(available, style.width);
  const drawn = alignColumns(columns, style.width, style.chalk.level > 0 ? painter(connections, style) : undefined);
  if (dropped.length === 0) return drawn.join('\n');
  const note = `No room for ${dropped.map(({ heading }) => heading).join(', ')}: --long tells all.`;
  return [...drawn, '', style.chalk.dim(foldedBeside(note, 0, style))].join('\n');
}

interface ScanCells extends Cells {
  readonly column: ScanColumn;
}

/** On a narrow terminal some columns make room for the others. */
function fitting(
  available: readonly ScanCells[],
  width: number | undefined,
): { readonly columns: readonly ScanCells[]; readonly dropped: readonly ScanColumn[] } {
  let columns = available;
  const dropped: ScanColumn[] = [];
  while (width !== undefined && lineWidth(columns.map((cells) => cells.width)) > width) {
    const next = columns.find(({ column }) => column.droppable === true);
    if (next === undefined) break;
    dropped.push(next.column);
    columns = columns.filter((cells) => cells !== next);
  }
  return { columns, dropped };
}

/** The headings are dim, and the verdicts have their colours. */
function painter(connections: readonly Connection[], style: Style): (cell: string, line: number) => string {
  return (cell, line) => {
    if (line === 0) return style.chalk.dim(cell);
    const connection = connections[line - 1];
    const verdict = connection && verdictOf(connection);
    return verdict === undefined ? cell : paintVerdict(cell, verdict, style);
  };
}
