import type { ScanDocument } from '../document/scan-document.js';
import type { Style } from './style.js';
import type { TableOptions } from './scan/scan-text.js';
import { inspectionText } from './inspect/inspection-text.js';
import type { InspectionContext } from './inspect/process-rows.js';

/** What `peerpid inspect` prints: the inspection, and with `--connections` the table of them as scan draws it. */
export async function inspectText(
  context: InspectionContext,
  connections: ScanDocument | undefined,
  style: Style,
  options: Pick<TableOptions, 'each'> = {},
): Promise<string> {
  const inspection = inspectionText(context, style);
  if (connections === undefined) return inspection;
  const { scanText } = await import('./scan/scan-text.js');
  const { selectFrom } = await import('../connections/selection.js');
  const all = selectFrom(connections, { named: [], others: [] }, (uid) => context.names.user(uid));
  return `${inspection}\n${scanText(all, style, options)}`;
}
