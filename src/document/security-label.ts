import { errorCodeOf, mapReading, type Reading } from '../words/reading.js';
import { textOf } from '../words/text.js';

/** A label of SO_PEERSEC. Where no security module labels sockets there is none, and so nothing is missing. socket(7) */
export function describeLabel(label: Reading<Buffer>): Reading<string | undefined> {
  return errorCodeOf(label) === 'ENOPROTOOPT' ? { value: undefined } : mapReading(label, textOf);
}
