import { connectionsOf, verdictOf } from '../scanning/connections.js';
import type { ScanDocument } from '../scanning/scan-document.js';
import { alignColumns } from './columns.js';
import { scanColumns } from './scan-columns.js';
import { scanSummary } from './scan-summary.js';
import { paintVerdict, type Style } from './style.js';

/** A scan as a table of connections, the worst first, and what it sums up to. */
export function scanText(document: ScanDocument, style: Style): string {
  const connections = connectionsOf(document.sockets);
  const heading = scanColumns.map((column) => column.heading);
  const lines = [heading, ...connections.map((connection) => scanColumns.map(({ cell }) => cell(connection)))];
  const painted = alignColumns(scanColumns, lines, style.width, (cell, column, line) => {
    if (line === 0) return style.chalk.dim(cell);
    const connection = column === 0 ? connections[line - 1] : undefined;
    const verdict = connection && verdictOf(connection);
    return verdict === undefined ? cell : paintVerdict(cell, verdict, style);
  });
  return `${painted.join('\n')}\n\n${scanSummary(document, style)}\n`;
}
