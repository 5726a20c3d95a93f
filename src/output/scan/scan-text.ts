import { type Alike, bringTogether, each as eachAlone } from '../../connections/alike-connections.js';
import { type Connection, deceivesSomebody, verdictOf } from '../../connections/connections.js';
import type { Selection } from '../../connections/selection.js';
import { alignColumns, type Cells, cellsOf, fittingColumns, mostOf } from '../columns.js';
import { foldedBeside } from '../folded-beside.js';
import { paintVerdict, type Style } from '../style.js';
import { defaultColumns, type Sorter } from './chosen-columns.js';
import type { ColumnContext } from './holder-cells.js';
import { type NamespaceNames, namespaceNames, type ScanColumn, shownNamespaces } from './scan-columns.js';
import { scanSummary } from './scan-summary.js';

/** What of the table is to be shown, and how. */
export interface TableOptions {
  readonly columns?: ((names: NamespaceNames) => readonly ScanColumn[]) | undefined;
  readonly sort?: Sorter | undefined;
  readonly header?: boolean;
  /** Whether cells are cut: to the terminal, or where there is none to {@link widestCell}. */
  readonly truncate?: boolean;
  /** Whether connections that are alike have a line each, rather than one with their number. */
  readonly each?: boolean;
  /** Whether comma-separated values have none that a spreadsheet takes for a formula. */
  readonly noFormulas?: boolean;
}

/** A scan as a table of connections, the worst first, and what it sums up to. */
export function scanText(selection: Selection, style: Style, options: TableOptions = {}): string {
  return `${connectionTable(selection, style, options)}\n\n${scanSummary(selection.document, style)}\n`;
}

/** The chosen columns, and the lines in their order. */
export function tableOf(
  selection: Selection,
  { columns, sort }: TableOptions,
): {
  readonly columns: readonly ScanColumn[];
  readonly connections: readonly Connection[];
  readonly context: ColumnContext;
} {
  const { connections, document, facts } = selection;
  const context = { namespaces: namespaceNames(document.networkNamespaces), facts };
  return {
    columns: (columns ?? defaultColumns)(shownNamespaces(selection)),
    connections: sort === undefined ? connections : sort(connections, context),
    context,
  };
}

/** A line for connections that are alike, with their number, and for each socket that has none. */
export function connectionTable(selection: Selection, style: Style, options: TableOptions = {}): string {
  const { header = true, truncate = true, each = false } = options;
  const { columns: wanted, connections, context } = tableOf(selection, options);
  const all = wanted.map((column) => connections.map((connection) => column.cell(connection, context)));
  const shownOf = (index: number): string => all.map((texts) => texts[index]).join('\n');
  const lines = each ? eachAlone(connections) : bringTogether(connections, 'brief', shownOf);
  const available: Cells[] = wanted.map((column, index) => {
    const texts = lines.map(({ at }) => all[index]?.[at] ?? '');
    return cellsOf(column, header ? [column.heading, ...texts] : texts, mostOf(truncate, style));
  });
  if (lines.length < connections.length) {
    const behind = wanted.findIndex(({ name }) => name === 'client') + 1;
    available.splice(behind === 0 ? wanted.length : behind, 0, numbers(lines, header));
  }
  const width = truncate ? style.width : undefined;
  const { columns, dropped } = fittingColumns(available, options.columns === undefined ? width : undefined);
  const first = columns[0]?.column.heading;
  const drawn = alignColumns(
    columns,
    width,
    style.chalk.level > 0 ? painter(lines, header, first === 'VERDICT', style) : undefined,
  );
  if (dropped.length === 0) return drawn.join('\n');
  const note = `No room for ${dropped.map(({ heading }) => heading).join(', ')}: --long shows all.`;
  return [...drawn, '', style.chalk.dim(foldedBeside(note, 0, style))].join('\n');
}

/** How many connections a line stands for, where it is more than one; it is never cut. */
function numbers(lines: readonly Alike[], header: boolean): Cells {
  const column = { heading: '×' };
  const texts = lines.map(({ all }) => (all.length === 1 ? '' : `×${all.length}`));
  return cellsOf(column, header ? [column.heading, ...texts] : texts);
}

/** The headings are dim, and the verdicts have their colours. */
function painter(
  lines: readonly Alike[],
  header: boolean,
  isVerdict: boolean,
  style: Style,
): (cell: string, line: number, column: number) => string {
  const before = header ? 1 : 0;
  return (cell, line, column) => {
    if (line < before) return style.chalk.dim(cell);
    const connection = lines[line - before]?.all[0];
    const verdict = isVerdict && column === 0 && connection !== undefined ? verdictOf(connection) : undefined;
    if (connection === undefined || verdict === undefined) return cell;
    return paintVerdict(cell, verdict, style, !deceivesSomebody(connection));
  };
}
