import type { ScanDocument } from '../../document/scan-document.js';
import { sanitise } from '../../words/sanitise.js';

/** That nothing is there of what was named: a line, or none. */
export function nothingYet({ nothingChosen }: Pick<ScanDocument, 'nothingChosen'>): string[] {
  return nothingChosen === undefined ? [] : [sanitise(`${nothingChosen.message}; it is shown when it comes`)];
}
