import type { Connection } from '../../connections/connections.js';
import { wrongUsage } from '../../words/problem.js';
import { allScanColumns } from './more-scan-columns.js';
import type { ColumnContext } from './holder-cells.js';
import { namespaceColumn, type NamespaceNames, type ScanColumn, scanColumns } from './scan-columns.js';

/** The columns without any choice. The namespace is told where there are several. */
export function defaultColumns(names: NamespaceNames): readonly ScanColumn[] {
  return names.size === 0 ? scanColumns : [...scanColumns.slice(0, 2), namespaceColumn, ...scanColumns.slice(2)];
}

function columnOf(flag: string, name: string): ScanColumn {
  const column = allScanColumns.find((one) => one.name === name.toLowerCase());
  if (column !== undefined) return column;
  throw wrongUsage(
    name === '' ? `${flag} has an empty value` : `${flag} does not know ${name}`,
    `Possible values: ${allScanColumns.map((one) => one.name).join(', ')}. \`peerpid scan --columns help\` explains them.`,
  );
}

/** `--columns a,b` for these alone, `--columns +a,b` for these too. @throws Problem for one that there is not */
export function parseColumns(typed: string): (names: NamespaceNames) => readonly ScanColumn[] {
  const adds = typed.startsWith('+');
  const chosen = (adds ? typed.slice(1) : typed).split(',').map((name) => columnOf('--columns', name.trim()));
  return (names) => {
    const columns = adds ? defaultColumns(names) : [];
    return [...columns, ...chosen.filter((column) => !columns.includes(column))];
  };
}

/** Puts connections in an order; those that are equal by it stay as they were. */
export type Sorter = (connections: readonly Connection[], context: ColumnContext) => readonly Connection[];

/** `--sort a,-b`: by a, then by b backwards. @throws Problem for one that there is not */
export function parseSort(typed: string): Sorter {
  const keys = typed.split(',').map((word) => {
    const name = word.trim();
    const backwards = name.startsWith('-');
    return { column: columnOf('--sort', backwards ? name.slice(1) : name), direction: backwards ? -1 : 1 };
  });
  return (connections, context) =>
    [...connections].sort((a, b) => {
      for (const { column, direction } of keys) {
        const order = compare(column, a, b, context);
        if (order !== 0) return direction * order;
      }
      return 0;
    });
}

function compare(column: ScanColumn, a: Connection, b: Connection, context: ColumnContext): number {
  if (column.rank !== undefined) return column.rank(a) - column.rank(b);
  const [one, other] = [column.cell(a, context), column.cell(b, context)];
  return one < other ? -1 : one > other ? 1 : 0;
}
