import type { Namespaces } from '../../../native-probe/namespaces.js';
import type { ConnectionEvent, ExitEvent, ListenEvent } from '../../document/listen-event.js';
import type { Names } from '../../document/names.js';
import { counted } from '../../words/counted.js';
import { fewOf, mostNamed } from '../../words/few.js';
import { sanitise } from '../../words/sanitise.js';
import { foldedBeside } from '../folded-beside.js';
import { inspectionText } from '../inspect/inspection-text.js';
import { socketLine } from '../inspect/socket-line.js';
import { type Style, verdictWord } from '../style.js';
import { timeOfDay } from '../time.js';
import { exitText, idText, processName, unitText } from '../who.js';
import { cut } from '../width.js';
import { messageText } from './message-text.js';

export interface ListenContext {
  readonly names: Names;
  readonly ourNamespaces: Namespaces | undefined;
  /** One line a connection rather than a table. */
  readonly compact: boolean;
  /** Whether every row of the table has both columns. */
  readonly both?: boolean;
}

/** An event for people. */
export function listenText(event: ListenEvent, context: ListenContext, style: Style): string {
  const { chalk } = style;
  const time = timeOfDay(event.time);
  const at = `${chalk.dim(time)}  `;
  if (event.event !== 'connection')
    return `${at}${foldedBeside(eventText(event, context.names, style), time.length + 2, style)}\n`;
  const title = chalk.bold(`#${event.connection}`);
  if (context.compact) return `${at}${title}  ${connectionLine(event, context, style)}\n`;
  return `\n${at}${title}  connection\n${inspectionText({ document: event, ...context }, style)}\n`;
}

function eventText(event: Exclude<ListenEvent, ConnectionEvent>, names: Names, style: Style): string {
  switch (event.event) {
    case 'listening':
      return `listening on ${socketLine(event.socket)}`;
    case 'message': {
      const title = event.connection === undefined ? '' : `#${event.connection}  `;
      return `${title}${messageText(event, names, style)}`;
    }
    case 'exit':
      return `${connectionsOf(event)}  ${exitLine(event)}`;
    case 'disconnect':
      return `#${event.connection}  disconnected, after ${counted(event.bytes, 'byte')}`;
    case 'warning':
      return `${style.chalk.magenta('warning')}  ${sanitise(event.text)}`;
    case 'summary': {
      const parts: string[] = [];
      // A datagram socket has messages alone
      if (event.connections > 0 || event.messages === 0) {
        parts.push(tally('connection', event.connections, event.verdicts));
      }
      if (event.messages > 0) parts.push(tally('message', event.messages, event.messageVerdicts));
      if (event.open > 0) parts.push(`${event.open} still open`);
      return parts.join('; ');
    }
  }
}

function tally(what: string, number: number, verdicts: Readonly<Record<string, number>>): string {
  const each = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`);
  return `${counted(number, what)}${each.length === 0 ? '' : `: ${each.join(', ')}`}`;
}

/** A connection in one line: the verdict, and whom the pidfd pins. */
function connectionLine(document: ConnectionEvent, { names }: ListenContext, style: Style): string {
  const process = document.byPidfd ?? document.byPid;
  const { credential } = document;
  const parts = [
    `pid ${credential?.pid ?? '-'}`,
    process?.comm ?? '-',
    credential === null ? '-' : idText(credential.uid, names.user(credential.uid)),
    (process && unitText(process)) ?? process?.exe ?? '',
    ...document.findings.filter(({ severity }) => severity !== 'info').map(({ id }) => id),
  ];
  const text = sanitise(parts.filter((part) => part !== '').join('  '));
  const used = 8 + 2 + `#${document.connection}`.length + 2 + document.verdict.length + 2;
  return `${verdictWord(document.verdict, style)}  ${style.width === undefined ? text : cut(text, Math.max(10, style.width - used))}`;
}

function connectionsOf({ connections, moreConnections = 0 }: ExitEvent): string {
  return fewOf(connections, (number) => `#${number}`, mostNamed, connections.length + moreConnections).join(' ');
}

function exitLine({ pid, comm, byPidfd }: ExitEvent): string {
  const isNamed = pid !== undefined || comm !== undefined;
  const who = isNamed
    ? processName({ ...(pid !== undefined && { pid }), ...(comm !== undefined && { comm }) })
    : 'the process';
  const unit = unitText(byPidfd);
  const where = unit === undefined ? '' : `, of ${unit}`;
  const zombie = byPidfd.state === 'zombie' ? ' (a zombie until its parent waits for it)' : '';
  return `${who} ended ${exitText(byPidfd.exitStatus)}${where}${zombie}`;
}
