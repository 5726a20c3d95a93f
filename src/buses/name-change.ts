import type { BusMessage } from '../../native-probe/bus/bus-message.js';
import { reading, valueOf } from '../words/reading.js';
import { busName } from './bus-name.js';

/** The signal NameOwnerChanged: a name that somebody else has from now on, or nobody. */
export interface NameChange {
  readonly name: string;
  /** Unique names; undefined for nobody. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** What to ask the bus for: AddMatch of the D-Bus specification. */
export const nameChanges = `type='signal',sender='${busName}',interface='${busName}',member='NameOwnerChanged'`;

/** What a message says of a name; undefined for any other message, or one that nobody but the bus may send. */
export function nameChangeIn(message: BusMessage): NameChange | undefined {
  if (message.type !== 'signal' || message.sender !== busName || message.member !== 'NameOwnerChanged')
    return undefined;
  const text = (): string => message.text().toString('latin1');
  return valueOf(reading(() => ({ name: text(), from: text() || undefined, to: text() || undefined })));
}
