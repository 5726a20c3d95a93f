import type { SteadyOutput } from '../cli/steady-output.js';
import type { Connection } from '../connections/connections.js';
import { type MarkedConnection, markConnections } from '../connections/marked-connections.js';
import type { Selection } from '../connections/selection.js';
import { plain, type Style } from '../output/style.js';
import { arrangedLines } from '../output/watch/arranged-lines.js';
import { watchFrame } from '../output/watch/watch-frame.js';
import { watchLines } from '../output/watch/watch-lines.js';
import { browse, fromTheTop, lastTop } from './browsing.js';
import { Screen } from './screen.js';
import type { WatchControl, WatchRound, WatchView } from './watcher.js';

/** How many of the last lines of what happened are kept; a screen shows a few of them. */
const mostKept = 10;

/** How the screen looks. */
export interface ScreenViewOptions {
  /** Milliseconds. */
  readonly interval: number;
  /** Draws connections as scan's table does: the headings, then a line for each. */
  readonly draw: (selection: Selection, style: Style) => string[];
  /** The columns that it has. */
  readonly columns: (selection: Selection) => readonly { readonly name: string; readonly heading: string }[];
  /** Whether the connections come in an order that was asked for. */
  readonly isSorted: boolean;
  /** Called for each frame, since the width of the terminal may have changed. */
  readonly style: () => Style;
}

/** The last scan, what happened in it and before. */
interface Shown {
  /** ISO 8601. */
  readonly time: string;
  readonly selection: Selection;
  readonly all: readonly MarkedConnection[];
  readonly log: readonly string[];
}

/** Shows the last scan on the whole terminal, of which keys choose a part, until one of them ends it. */
export class ScreenView implements WatchView {
  readonly #screen: Screen;
  #shown: Shown | undefined;
  #browsing = fromTheTop;
  #isPaused = false;
  #isDrawnSoon = false;
  /** For how many lines there was room. */
  #room = 1;
  #lines: readonly MarkedConnection[] = [];
  /** The lines as text, for a width of the terminal; a machine may have very many. */
  #table: { readonly width: number | undefined; readonly text: readonly string[] } | undefined;

  constructor(
    private readonly control: WatchControl,
    private readonly output: SteadyOutput,
    private readonly options: ScreenViewOptions,
  ) {
    this.#screen = new Screen({
      key: (key) => {
        this.#press(key);
      },
      redraw: () => {
        this.#drawSoon();
      },
    });
  }

  show({ time, before, now, difference }: WatchRound): void {
    const all = markConnections(before?.connections ?? [], now.connections, difference);
    const happened = watchLines(time, all, plain);
    const log = [...(this.#shown?.log ?? []), ...happened].slice(-mostKept);
    const first = this.#lines[this.#browsing.top];
    this.#shown = { time, selection: now, all, log };
    this.#arrange();
    if (first !== undefined && this.#browsing.top > 0) this.#keepInSight(first);
    this.#draw();
  }

  #press(key: string): void {
    if (key === 'ctrl-c' || (key.toLowerCase() === 'q' && !this.#browsing.isTyping)) {
      this.control.stop();
      return;
    }
    if (key === ' ' && !this.#browsing.isTyping) this.#isPaused = this.control.togglePause();
    else this.#browse(key);
    this.#drawSoon();
  }

  #browse(key: string): void {
    if (this.#shown === undefined) return;
    const columns = this.options.columns(this.#shown.selection).map(({ name }) => name);
    const before = this.#browsing;
    const now = browse(before, key, { lines: this.#lines.length, room: this.#room, columns });
    if (now === undefined) return;
    this.#browsing = now;
    const { filter, sortedBy, backwards } = now;
    if (filter !== before.filter || sortedBy !== before.sortedBy || backwards !== before.backwards) this.#arrange();
  }

  #arrange(): void {
    if (this.#shown === undefined) return;
    const { selection, all } = this.#shown;
    this.#lines = arrangedLines(all, selection, { ...this.#browsing, isSorted: this.options.isSorted });
    this.#table = undefined;
  }

  /** Has the line that was the first be so again, whatever came and went above it. */
  #keepInSight({ connection }: MarkedConnection): void {
    const inode = inodeOf(connection);
    const top = this.#lines.findIndex((line) => inodeOf(line.connection) === inode);
    if (top >= 0) this.#browsing = { ...this.#browsing, top };
  }

  /** Once for all keys that came together, and when the terminal takes more. */
  #drawSoon(): void {
    if (this.#isDrawnSoon) return;
    this.#isDrawnSoon = true;
    setImmediate(() => {
      this.output.whenRoom(() => {
        this.#isDrawnSoon = false;
        this.#draw();
      });
    });
  }

  #draw(): void {
    if (this.#shown === undefined) return;
    const { interval, columns } = this.options;
    const style = this.options.style();
    const sortedBy = columns(this.#shown.selection).find(({ name }) => name === this.#browsing.sortedBy)?.heading;
    const { text, room } = watchFrame(
      {
        ...this.#shown,
        ...{ interval, isPaused: this.#isPaused, browsing: this.#browsing, sortedBy },
        ...{ lines: this.#lines, table: this.#tableFor(this.#shown.selection, style) },
        hasKeys: this.#screen.hasKeys,
      },
      this.#screen.rows,
      style,
    );
    this.#room = room;
    const last = lastTop({ lines: this.#lines.length, room });
    if (this.#browsing.top > last) this.#browsing = { ...this.#browsing, top: last };
    this.#screen.draw(text);
  }

  #tableFor(selection: Selection, style: Style): readonly string[] {
    if (this.#table?.width !== style.width) this.#table = undefined;
    const connections = this.#lines.map(({ connection }) => connection);
    // A mark and a blank stand before each line
    const narrower = { ...style, width: Math.max(1, (style.width ?? 80) - 2) };
    this.#table ??= { width: style.width, text: this.options.draw({ ...selection, connections }, narrower) };
    return this.#table.text;
  }

  [Symbol.dispose](): void {
    this.#screen[Symbol.dispose]();
  }
}

/** Of the socket by which a line is known again. */
function inodeOf({ client, service }: Connection): number | undefined {
  return (client ?? service)?.inode;
}
