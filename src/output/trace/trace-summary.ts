import type { TracePair, TraceSummaryEvent } from '../../document/trace-event.js';
import { counted } from '../../words/counted.js';
import { safe } from '../safe.js';
import type { Style } from '../style.js';
import { cut } from '../width.js';
import { durationText } from './duration-text.js';

/** Pairs that are shown; JSON has more. */
const mostShown = 20;

/** Who connected to what, and how often: the end of a trace. */
export function traceSummary(event: TraceSummaryEvent, style: Style): string {
  const { pairs, morePairs, milliseconds, connections, failed, messages, lost, verdicts } = event;
  const parts = [
    `${counted(connections, 'call')} of connect(2)${messages === 0 ? '' : ` and ${counted(messages, 'message')}`} in ${durationText(milliseconds * 1e6)}`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`),
    ...(lost === 0 ? [] : [style.chalk.magenta(`${counted(lost, 'call')} lost`)]),
  ];
  const title = `\n${style.chalk.bold(parts.join(', '))}\n`;
  if (pairs.length === 0) return title;
  const more = morePairs + Math.max(0, pairs.length - mostShown);
  const rows = pairs.slice(0, mostShown).map((pair) => `${rowOf(pair, style)}\n`);
  const heading = style.chalk.bold(columns(['TIMES', 'FAILED', 'SLOWEST', 'WHO', 'TO']));
  return [title, `${heading}\n`, ...rows, more === 0 ? '' : `and ${more} more\n`].join('');
}

function rowOf({ program, user, address, times, failed, slowestNanoseconds }: TracePair, style: Style): string {
  const who = `${safe(program)} (${safe(user.name ?? String(user.id))})`;
  const to = address === '' ? 'a socket without a name' : safe(address);
  const took = slowestNanoseconds === undefined ? '-' : durationText(slowestNanoseconds);
  const row = columns([String(times), failed === 0 ? '-' : String(failed), took, who, to]);
  return style.width === undefined ? row : cut(row, style.width);
}

function columns([times, failed, slowest, who, to]: readonly [string, string, string, string, string]): string {
  return `${times.padStart(6)}  ${failed.padStart(6)}  ${slowest.padStart(8)}  ${who.padEnd(20)}  ${to}`;
}
