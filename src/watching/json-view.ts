import type { SteadyOutput } from '../cli/steady-output.js';
import type { ChangedSocket } from '../connections/difference.js';
import type { WatchEvent } from '../document/watch-event.js';
import { safeJson } from '../words/sanitise.js';
import type { WatchRound, WatchView } from './watcher.js';

/** Prints what happens as one JSON object a line: all that is there first, then what comes, goes and changes. */
export class JsonView implements WatchView {
  constructor(private readonly output: SteadyOutput) {}

  show(round: WatchRound): void {
    const events = round.before === undefined ? beginning(round) : happened(round);
    let text = '';
    for (const event of events) text += `${safeJson(event, 0)}\n`;
    this.output.write(text);
  }

  [Symbol.dispose](): void {
    // Nothing is held
  }
}

function beginning({ time, now: { document } }: WatchRound): WatchEvent[] {
  const { sockets, ...rest } = document;
  return [{ event: 'scan', time, ...rest }, ...sockets.map((socket) => ({ event: 'present', time, socket }) as const)];
}

function happened({ time, now, difference: { came, went, changed } }: WatchRound): WatchEvent[] {
  const counts = { came: came.length, went: went.length, changed: changed.length };
  if (counts.came + counts.went + counts.changed === 0) return [];
  const { summary, notSeen } = now.document;
  return [
    ...went.map((watched) => ({ event: 'went', time, ...watched }) as const),
    ...came.map((watched) => ({ event: 'came', time, ...watched }) as const),
    ...changed.map((one) => changedEvent(time, one)),
    { event: 'round', time, ...counts, summary, notSeen },
  ];
}

function changedEvent(time: string, { socket, processes, before, changes }: ChangedSocket): WatchEvent {
  return { event: 'changed', time, fields: changes.map(({ field }) => field), socket, processes, before };
}
