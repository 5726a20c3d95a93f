import type { ConnectionEvent, ExitEvent, ListenEvent } from '../listening/listen-event.js';
import type { Names } from '../names.js';
import type { Namespaces } from '../../native-probe/namespaces.js';
import { messageText } from './message-text.js';
import { exitText, idText } from './process-rows.js';
import { foldedBeside, reportText } from './report-text.js';
import { sanitise } from './sanitise.js';
import { socketLine } from './socket-line.js';
import { type Style, verdictWord } from './style.js';
import { timeOfDay } from './time.js';
import { cut } from './width.js';

export interface ListenContext {
  readonly names: Names;
  readonly ourNamespaces: Namespaces | undefined;
  /** One line a connection rather than a table. */
  readonly compact: boolean;
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
  return `\n${at}${title}  connection\n${reportText({ document: event, ...context }, style)}\n`;
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
      return `${event.connections.map((number) => `#${number}`).join(' ')}  ${exitLine(event)}`;
    case 'disconnect':
      return `#${event.connection}  disconnected, after ${counted(event.bytes, 'byte')}`;
    case 'warning':
      return `${style.chalk.yellow('warning')}  ${event.text}`;
    case 'summary': {
      const open = event.open === 0 ? '' : `; ${event.open} still open`;
      const messages = event.messages === 0 ? '' : `; ${tally('message', event.messages, event.messageVerdicts)}`;
      const connections = tally('connection', event.connections, event.verdicts);
      // A datagram socket has messages alone
      return event.connections === 0 && messages !== '' ? messages.slice(2) : `${connections}${messages}${open}`;
    }
  }
}

function tally(what: string, number: number, verdicts: Readonly<Record<string, number>>): string {
  const each = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`);
  return `${counted(number, what)}${each.length === 0 ? '' : `: ${each.join(', ')}`}`;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** A connection in one line: the verdict, and whom the pidfd pins. */
function connectionLine(document: ConnectionEvent, { names }: ListenContext, style: Style): string {
  const process = document.byPidfd ?? document.byPid;
  const { credential } = document;
  const parts = [
    `pid ${credential?.pid ?? '-'}`,
    process?.comm ?? '-',
    credential === null ? '-' : idText(credential.uid, names.user(credential.uid)),
    process?.userUnit ?? process?.unit ?? process?.exe ?? '',
    ...document.findings.filter(({ severity }) => severity !== 'info').map(({ id }) => id),
  ];
  const text = sanitise(parts.filter((part) => part !== '').join('  '));
  const used = 8 + 2 + `#${document.connection}`.length + 2 + document.verdict.length + 2;
  return `${verdictWord(document.verdict, style)}  ${style.width === undefined ? text : cut(text, Math.max(10, style.width - used))}`;
}

function exitLine({ pid, comm, byPidfd }: ExitEvent): string {
  const who = `${pid === undefined ? 'the process' : `pid ${pid}`}${comm === undefined ? '' : ` (${sanitise(comm)})`}`;
  const where = byPidfd.unit === undefined || byPidfd.unit === null ? '' : `, of ${sanitise(byPidfd.unit)}`;
  const zombie = byPidfd.state === 'zombie' ? ' (a zombie until its parent waits for it)' : '';
  return `${who} ended ${exitText(byPidfd.exitStatus)}${where}${zombie}`;
}
