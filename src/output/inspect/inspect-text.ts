import type { ScanDocument } from '../../document/scan-document.js';
import type { Style } from '../style.js';
import { reportText } from './inspection-text.js';
import type { RowContext } from './process-rows.js';

/** What `peerpid inspect` prints: the report, and with `--connections` the table of them as scan draws it. */
export async function inspectText(
  context: RowContext,
  connections: ScanDocument | undefined,
  style: Style,
): Promise<string> {
  const report = reportText(context, style);
  if (connections === undefined) return report;
  const { scanText } = await import('../scan/scan-text.js');
  const { selectFrom } = await import('../../connections/selection.js');
  const all = selectFrom(connections, [], (uid) => context.names.user(uid));
  return `${report}\n${scanText(all, style)}`;
}
