import type { Selection } from '../../connections/selection.js';
import type { Names } from '../../document/names.js';
import { wrongUsage } from '../../words/problem.js';
import { safeJson } from '../../words/sanitise.js';
import type { Style } from '../style.js';
import type { ScanRun } from './scan-metrics.js';
import type { TableOptions } from './scan-text.js';

/** What a scan may be printed as. */
export type ScanFormat = 'table' | 'long' | 'summary' | 'csv' | 'nul' | 'json' | 'graph' | 'prometheus' | 'counts';

type FormatFlags = Readonly<Record<Exclude<ScanFormat, 'table' | 'counts'>, boolean>> & {
  readonly by?: string | undefined;
};

/** @throws Problem where formats were asked for that exclude each other */
export function formatOf({ graph, prometheus, json, csv, nul, long, summary, by }: FormatFlags): ScanFormat {
  const formats = { graph, prometheus, json, csv, nul, long };
  const given = Object.entries(formats).flatMap(([name, is]) => (is ? [name as ScanFormat] : []));
  const [first, second] = given;
  // In JSON there is all that --long has
  if (second !== undefined && !(json && long && given.length === 2)) {
    throw wrongUsage(
      `--${first ?? ''} and --${second} exclude each other`,
      'Give one of --graph, --prometheus, --json, --csv, --nul and --long.',
    );
  }
  const other = first ?? (summary ? 'summary' : undefined);
  if (by !== undefined && other !== undefined && !json) {
    throw wrongUsage(
      `--by and --${other}${first === undefined ? ' only' : ''} exclude each other`,
      'Numbers are printed as a table, or with --json.',
    );
  }
  return other ?? (by === undefined ? 'table' : 'counts');
}

/** What chooses and sorts columns, as far as it was given. */
export interface ColumnFlags {
  readonly columns?: string | undefined;
  readonly extended?: boolean;
  readonly sort?: string | undefined;
}

/** @throws Problem where columns are asked for of what has none */
export function refuseColumns(format: ScanFormat, { columns, extended = false, sort }: ColumnFlags): void {
  if (format === 'table' || format === 'csv' || format === 'nul') return;
  const given = columns !== undefined ? 'columns' : extended ? 'extended' : sort !== undefined ? 'sort' : undefined;
  // The blocks of --long stand in an order, too
  if (given === undefined || (format === 'long' && given === 'sort')) return;
  const other = { summary: 'summary only', counts: 'by' }[format as string] ?? format;
  throw wrongUsage(
    `--${given} is of the columns of a table, and --${other} has none`,
    'The table, --csv and --nul have columns; jq takes fields out of --json.',
  );
}

/** What is to be printed, and how. */
export interface ScanOutputOptions {
  readonly style: Style;
  readonly table: TableOptions;
  /** Whether a table is followed by what it sums up to. */
  readonly summary: boolean;
  readonly names: Names;
  readonly run: ScanRun;
}

/** A scan as text of a format. Each is loaded when it is wanted. */
export async function scanOutput(
  format: ScanFormat,
  selection: Selection,
  { style, table, summary, names, run }: ScanOutputOptions,
): Promise<string> {
  const { document, connections } = selection;
  switch (format) {
    case 'json':
      return `${safeJson(document, 0)}\n`;
    case 'graph':
      return (await import('./scan-graph.js')).scanGraph(document, connections, names, table);
    case 'prometheus':
      return (await import('./scan-metrics.js')).scanMetrics(document, connections, run);
    case 'csv':
      return (await import('./scan-fields.js')).scanCsv(selection, table);
    case 'nul':
      return (await import('./scan-fields.js')).scanNul(selection, table);
    case 'summary':
      return `${(await import('./scan-summary.js')).scanSummary(document, style)}\n`;
    case 'long':
      return (await import('./scan-long.js')).scanLong(await sorted(selection, table), style, table);
    case 'counts': {
      const { scanCounts } = await import('./scan-counts.js');
      const counted = document.counts === undefined ? '' : scanCounts(document.counts, style, table);
      return summary ? `${counted}\n${(await import('./scan-summary.js')).scanSummary(document, style)}\n` : counted;
    }
    case 'table': {
      const { connectionTable, scanText } = await import('./scan-text.js');
      return summary ? scanText(selection, style, table) : `${connectionTable(selection, style, table)}\n`;
    }
  }
}

async function sorted(selection: Selection, table: TableOptions): Promise<Selection> {
  if (table.sort === undefined) return selection;
  const { tableOf } = await import('./scan-text.js');
  return { ...selection, connections: tableOf(selection, table).connections };
}
