import type {
  TraceAcceptEvent,
  TraceConnectEvent,
  TracedCaller,
  TracedServer,
  TraceEvent,
  TraceMessageEvent,
} from '../../document/trace-event.js';
import { counted } from '../../words/counted.js';
import { foldedBeside } from '../folded-beside.js';
import { safe } from '../safe.js';
import { paintVerdict, type Style } from '../style.js';
import { exitText, processName, unitText } from '../who.js';
import { timeOfDay } from '../time.js';
import { columnsOf } from '../width.js';
import { durationText } from './duration-text.js';
import { longTraceLines } from './trace-long.js';
import { traceSummary } from './trace-summary.js';

/** Columns of what stands in each line before the address. */
const widths = { time: 12, result: 12, client: 22, user: 10 } as const;
const gap = '  ';

/** The names of the columns. */
export function traceHeader({ chalk, width }: Style): string {
  const { time, result, client, user } = widths;
  const names = [padded('TIME', time), padded('RESULT', result), padded('CLIENT', client), padded('USER', user)];
  const rest = width !== undefined && width < wideFrom ? [] : ['ADDRESS AND SERVICE'];
  return `${chalk.bold([...names, ...rest].join(gap).trimEnd())}\n`;
}

export interface TraceTextOptions {
  /** All that is known follows in lines of its own. */
  readonly long: boolean;
  /** Other lines name connections by their numbers. */
  readonly numbered: boolean;
}

/** An event in a line. */
export function traceText(event: TraceEvent, { long, numbered }: TraceTextOptions, style: Style): string {
  switch (event.event) {
    case 'start':
      return `${event.unavailable.map(({ fact, reason }) => `not known: ${fact}: ${reason}\n`).join('')}${traceHeader(style)}`;
    case 'connect':
    case 'message':
      return `${lineOf(event, resultOf(event, style), event.client, whereTo(event, numbered), style)}${long ? longTraceLines(event, style) : ''}`;
    case 'accept':
      return lineOf(event, padded('accepted', widths.result), event.service, acceptedText(event), style);
    case 'end':
      return lineOf(
        event,
        padded('ended', widths.result),
        event.client,
        `${exitText(event.exitStatus)}, had connected as ${event.connections.map((number) => `#${number}`).join(' ')}`,
        style,
      );
    case 'lost':
      return `${style.chalk.magenta('lost')}  ${counted(event.events, 'call')} found no room in the buffer, and ${event.events === 1 ? 'is' : 'are'} not shown\n`;
    case 'summary':
      return traceSummary(event, style);
  }
}

/** On a terminal that is not wide the rest has a line of its own. */
const wideFrom = 120;

function lineOf(
  { time }: { readonly time: string },
  result: string,
  caller: TracedCaller,
  rest: string,
  style: Style,
): string {
  const user = caller.user.name ?? String(caller.user.id);
  const before = [
    style.chalk.dim(`${timeOfDay(time)}.${time.slice(20, 23)}`),
    result,
    padded(processName(caller), widths.client),
    padded(safe(user), widths.user),
  ].join(gap);
  if (style.width === undefined) return `${before}${gap}${rest}\n`;
  const { time: first, result: second, client, user: last } = widths;
  const isWide = style.width >= wideFrom;
  const columns = isWide ? first + second + client + last + 4 * gap.length : first + gap.length;
  const folded = foldedBeside(rest, columns, style);
  return isWide ? `${before}${gap}${folded}\n` : `${before.trimEnd()}\n${' '.repeat(columns)}${folded}\n`;
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

/** The verdict where the PID cannot be trusted any more, in its colour; of a failed call the errno. */
function resultOf({ result, now }: TraceConnectEvent | TraceMessageEvent, style: Style): string {
  if (now === undefined) return style.chalk.magenta(padded(result, widths.result));
  const word = now.verdict === 'pinned' ? result : now.verdict;
  return paintVerdict(padded(word, widths.result), now.verdict, style);
}

function whereTo(event: TraceConnectEvent | TraceMessageEvent, numbered: boolean): string {
  const { address, directory, addressFrom } = event;
  const parts = [
    numbered && event.event === 'connect' ? `#${event.connection}` : '',
    address === undefined ? 'a socket without a name' : safe(address),
    directory === undefined ? '' : `(in ${safe(directory)})`,
    serviceText(event),
    event.event === 'message' && event.stated !== undefined
      ? `states PID ${event.stated.pid}, uid ${event.stated.uid}`
      : '',
    addressFrom === 'caller' && event.result === 'connected' ? '(by the client’s word)' : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** The process of record; and where the service's socket is open elsewhere, where. */
function serviceText({ server, holders = [], moreHolders = 0 }: TraceConnectEvent | TraceMessageEvent): string {
  const isThere =
    server?.alive === true && holders.some(({ pid, pidfdId }) => pid === server.pid && pidfdId === server.pidfdId);
  const [first, ...others] = isThere ? [] : holders;
  const more = others.length + moreHolders;
  const open = first === undefined ? '' : `open in ${processName(first)}${more === 0 ? '' : ` +${more}`}`;
  const record = server === undefined ? '' : serverText(server);
  return record === '' && open === '' ? '' : `← ${[record, open].filter((part) => part !== '').join(', ')}`;
}

function serverText(server: TracedServer): string {
  return `${processName(server)}${server.alive ? '' : ' (has ended)'}`;
}

function acceptedText({ connection, waitedNanoseconds: waited, address, service }: TraceAcceptEvent): string {
  const unit = unitText(service);
  const where = address === undefined ? '' : ` on ${safe(address)}`;
  const after = waited === undefined ? '' : ` after ${durationText(waited)}`;
  return `#${connection ?? '?'}${where}${after}${unit === undefined ? '' : ` (${unit})`}`;
}
