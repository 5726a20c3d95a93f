import type { BusDocument } from '../../document/bus-document.js';
import type { Style } from '../style.js';
import { busDetail, type BusDetailContext } from './bus-detail.js';
import { busSummary } from './bus-summary.js';
import { busTable } from './bus-table.js';

/** What `peerpid bus` prints: a table, or where names were given each connection with all that is known of it. */
export function busText(document: BusDocument, inDetail: boolean, context: BusDetailContext, style: Style): string {
  if (inDetail) return `${document.connections.map((one) => busDetail(one, document, context, style)).join('\n\n')}\n`;
  const table = document.connections.length === 0 ? '' : `${busTable(document, style)}\n\n`;
  return `${table}${busSummary(document, style)}\n`;
}
