import type { Names } from './names.js';
import type { ScanDocument } from './scan-document.js';

/** A scan that says which names are missing, and why. @param names - of whom all have been asked for */
export function withMissing(document: ScanDocument, { missing }: Names): ScanDocument {
  if (missing.length === 0) return document;
  const { notSeen } = document;
  const reasons = [...notSeen.reasons, ...missing.map(({ reason }) => ({ fact: 'names' as const, reason }))];
  return { ...document, notSeen: { ...notSeen, reasons } };
}
