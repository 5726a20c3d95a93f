import type { Selection } from '../../connections/selection.js';
import { nothing } from './holder-cells.js';
import { tableOf, type TableOptions } from './scan-text.js';

function fieldsOf(selection: Selection, options: TableOptions): string[][] {
  const { columns, connections, context } = tableOf(selection, options);
  const lines = connections.map((connection) => columns.map(({ cell }) => cell(connection, context)));
  return options.header === false ? lines : [columns.map(({ name }) => name), ...lines];
}

/** Comma-separated values, the first line the columns' names. RFC 4180, with the line ends of Unix */
export function scanCsv(selection: Selection, options: TableOptions): string {
  return fieldsOf(selection, options)
    .map(
      (fields) => `${fields.map((field) => quoted(options.noFormulas === true ? asText(field) : field)).join(',')}\n`,
    )
    .join('');
}

/**
 * A field that no spreadsheet takes for a formula: with an apostrophe before it, where it begins like one, or with an
 * apostrophe, which so can be taken away again. A `-` alone stands for nothing. OWASP, "CSV Injection"
 */
function asText(field: string): string {
  return field !== nothing && /^ *[=+\-@\t\r']/.test(field) ? `'${field}` : field;
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Each field ends with a NUL, for `read -d ''` of a shell; as many in each line as there are columns. No headings. */
export function scanNul(selection: Selection, options: TableOptions): string {
  return fieldsOf(selection, { ...options, header: false })
    .map((fields) => fields.map((field) => `${field}\0`).join(''))
    .join('');
}
