import { foldedBeside } from '../folded-beside.js';
import type { Style } from '../style.js';
import { allScanColumns } from './more-scan-columns.js';
import { scanColumns } from './scan-columns.js';

const indent = 15;

/** What `--columns help` prints: each column and what it tells, those that are shown without being asked for marked. */
export function columnsHelp(style: Style): string {
  const lines = allScanColumns.map((column) => {
    const mark = scanColumns.includes(column) ? '*' : ' ';
    return `${mark} ${column.name}`.padEnd(indent + 2) + foldedBeside(column.description, indent + 2, style);
  });
  return [...lines, '', '* is shown by default; netns, too, if there are several.', ''].join('\n');
}
