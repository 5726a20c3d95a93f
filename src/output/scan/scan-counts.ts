import type { ScanDocument } from '../../document/scan-document.js';
import { alignColumns, cellsOf, mostOf } from '../columns.js';
import { safe } from '../safe.js';
import { paintVerdict, type Style } from '../style.js';
import { nothing } from './holder-cells.js';
import type { TableOptions } from './scan-text.js';

/** `scan --by`: how many connections each has, in a table. */
export function scanCounts(
  { by, rows }: NonNullable<ScanDocument['counts']>,
  style: Style,
  { header = true, truncate = true }: TableOptions,
): string {
  const columns = [
    { heading: 'VERDICT', texts: rows.map(({ verdict }) => verdict ?? nothing) },
    { heading: 'CONNECTIONS', texts: rows.map(({ connections }) => String(connections)) },
    { heading: 'OTHERS', texts: rows.map(({ others }) => String(others)) },
    { heading: by.toUpperCase(), least: 10, texts: rows.map(({ name }) => safe(name)) },
  ];
  const most = mostOf(truncate, style);
  const first = header ? 1 : 0;
  const lines = alignColumns(
    columns.map(({ texts, ...column }) => cellsOf(column, header ? [column.heading, ...texts] : texts, most)),
    truncate ? style.width : undefined,
    (cell, line, column) => {
      if (line < first) return style.chalk.dim(cell);
      const verdict = rows[line - first]?.verdict;
      return column === 0 && verdict !== undefined ? paintVerdict(cell, verdict, style) : cell;
    },
  );
  return `${lines.join('\n')}\n`;
}
