import type { BusConnectionDocument } from '../../document/bus-document.js';
import type { BusEvent } from '../../document/bus-event.js';
import { worstKnown } from '../../verdict/bus-verdict.js';
import { counted } from '../../words/counted.js';
import { foldedBeside } from '../folded-beside.js';
import { safe } from '../safe.js';
import { paintVerdict, type Style } from '../style.js';
import { timeOfDay } from '../time.js';
import { processText } from '../who.js';
import { processOn } from './bus-table.js';

/** Columns of the time and of the word, each with the gap behind it. */
const indent = 16;

/** A change on a bus, in a line; of what is there at the start none, which is in the table. */
export function busEventText(event: BusEvent, style: Style): string {
  const line = (word: string, text: string): string =>
    `${style.chalk.dim(timeOfDay(event.time))}  ${word.padEnd(6)}${foldedBeside(text, indent, style)}\n`;
  switch (event.event) {
    case 'bus':
    case 'present':
      return '';
    case 'came':
      return line('came', `${safe(event.uniqueName)} ${whoText(event.connection, style)}`);
    case 'went':
      return line('went', safe(event.uniqueName));
    case 'name': {
      const { name, from, to, connection } = event;
      const had = from === undefined ? '' : ` had ${safe(from)},`;
      const has = to === undefined ? ' nobody has it' : ` has ${safe(to)} ${whoText(connection, style)}`;
      return line('name', `${safe(name)}:${had}${has}`);
    }
    case 'lost':
      return line('lost', `${counted(event.changes, 'change')} came too fast to be looked at`);
  }
}

function whoText(connection: BusConnectionDocument | undefined, style: Style): string {
  if (connection === undefined) return '(it had ended before it could be looked at)';
  const { verdict, kernel, credentials } = connection;
  const worst = worstKnown(verdict, kernel);
  const word = worst === verdict ? verdict : `${verdict}, ${worst} by the kernel`;
  const process = processOn(connection);
  const user = credentials?.user ?? credentials?.uid?.toString();
  const who = process === null ? 'a process that is not known' : processText(process);
  return `${paintVerdict(word, worst, style, worst === 'unpinned')}: ${who}${user === undefined ? '' : `, user ${safe(user)}`}`;
}
