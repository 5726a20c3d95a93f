import type { BusDocument } from '../../document/bus-document.js';
import { deceivesOnBus } from '../../verdict/bus-verdict.js';
import { verdictsByGravity } from '../../verdict/gravity.js';
import { counted } from '../../words/counted.js';
import { fewOf } from '../../words/few.js';
import { sanitise } from '../../words/sanitise.js';
import { foldedBeside } from '../folded-beside.js';
import { safe } from '../safe.js';
import { severityWord, type Style, verdictWord } from '../style.js';
import { idText, processName, processText } from '../who.js';
import { inOrder } from './bus-table.js';

const indent = 14;

/** What is not well, what the bus is, and what was not seen. */
export function busSummary(document: BusDocument, style: Style): string {
  const line = (word: string, length: number, text: string): string =>
    `${word}${' '.repeat(Math.max(1, indent - length))}${foldedBeside(text, indent, style)}`;
  const label = (word: string, text: string): string => line(style.chalk.dim(word), word.length, text);
  const deceived = inOrder(document.connections).filter(({ verdict, kernel, credentials }) =>
    deceivesOnBus(verdict, kernel, credentials?.pid),
  );
  const lines = fewOf(deceived, ({ verdict, uniqueName, text }) =>
    line(verdictWord(verdict, style), verdict.length, `${safe(uniqueName)}: ${sanitise(text)}`),
  );
  if (document.bus.relay === true) {
    lines.push(line(severityWord('warning', style), 'warning'.length, relayText(document)));
  }
  lines.push(label('bus', itselfText(document)), label('connections', verdictsText(document)));
  const { unnamed, activatable = [] } = document;
  if (unnamed.length > 0)
    lines.push(label('no name', `${fewOf(unnamed, unnamedText).join('; ')}: monitors, or not registered yet.`));
  if (activatable.length > 0) lines.push(label('would start', fewOf(activatable, safe).join(' ')));
  if (!document.bus.givesPidfds && document.connections.length > 0) lines.push(label('advice', withoutPidfds));
  const unseen = notSeenText(document);
  if (unseen !== '') lines.push(label('not seen', unseen));
  return lines.join('\n');
}

const withoutPidfds =
  'This bus gives no pidfds (ProcessFD), so polkit and other services on it go by PIDs. dbus-daemon gives them from 1.15.8 on and dbus-broker from 34 on, with Linux 6.5 or later: `peerpid doctor` shows what is installed.';

function unnamedText({ process, credential, connections }: BusDocument['unnamed'][number]): string {
  const who = process === undefined ? 'a process that is not known' : processText(process);
  const user = credential === undefined ? '' : `, user ${idText(credential.uid, credential.user)}`;
  return `${counted(connections, 'connection')} of ${who}${user}`;
}

export function itselfText({ bus }: Pick<BusDocument, 'bus'>): string {
  const holders = bus.holders === undefined ? '' : `, open in ${fewOf(bus.holders, processName).join(', ')}`;
  const pid = bus.pid === undefined ? 'of no PID that it gives' : `PID ${bus.pid} by its own word`;
  const user = bus.user === undefined ? '' : `, user ${idText(bus.user.id, bus.user.name)}`;
  return `${sanitise(bus.address)}: ${pid}${user}${holders}`;
}

export function relayText({ bus }: Pick<BusDocument, 'bus'>): string {
  return `Between peerpid and the bus stands ${fewOf(bus.holders ?? [], processName).join(', ')}, which is not the bus: it may speak for others, and change what passes.`;
}

function verdictsText({ connections }: BusDocument): string {
  if (connections.length === 0) return 'none but peerpid’s own';
  const parts = verdictsByGravity.flatMap((verdict) => {
    const number = connections.filter((one) => one.verdict === verdict).length;
    return number === 0 ? [] : [`${number} ${verdict}`];
  });
  return `${counted(connections.length, 'connection')}: ${parts.join(', ')}`;
}

export function notSeenText({ notSeen: { names, gone, kernel, users } }: Pick<BusDocument, 'notSeen'>): string {
  const parts = [
    ...(names === 0 ? [] : [`${counted(names, 'more name')} of the bus`]),
    ...(gone === 0 ? [] : [`${counted(gone, 'connection')} that ended meanwhile`]),
    ...(kernel.length === 0 ? [] : [`what the kernel recorded: ${kernel.join('; ')}`]),
    ...users,
  ];
  return sanitise(parts.join('; '));
}
