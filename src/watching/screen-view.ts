import { markConnections } from '../connections/marked-connections.js';
import { plain, type Style } from '../output/style.js';
import { type DrawConnections, type Frame, watchFrame } from '../output/watch/watch-frame.js';
import { watchLines } from '../output/watch/watch-lines.js';
import { Screen } from './screen.js';
import type { WatchRound, WatchControl, WatchView } from './watcher.js';

/** How many of the last lines of what happened are kept; a screen shows a few of them. */
const mostKept = 10;

/** How the screen looks. */
export interface ScreenViewOptions {
  /** Milliseconds. */
  readonly interval: number;
  readonly draw: DrawConnections;
  /** Called for each frame, since the width of the terminal may have changed. */
  readonly style: () => Style;
}

/** Shows the last scan on the whole terminal, until a key ends it. */
export class ScreenView implements WatchView {
  readonly #screen: Screen;
  #frame: Omit<Frame, 'isPaused' | 'interval'> | undefined;
  #isPaused = false;

  constructor(
    control: WatchControl,
    private readonly options: ScreenViewOptions,
  ) {
    this.#screen = new Screen({
      key: (key) => {
        if (key === 'q' || key === 'Q' || key === '\x03') control.stop();
        if (key !== ' ') return;
        this.#isPaused = control.togglePause();
        this.#draw();
      },
      redraw: () => {
        this.#draw();
      },
    });
  }

  show({ time, before, now, difference }: WatchRound): void {
    const lines = markConnections(before?.connections ?? [], now.connections, difference);
    const happened = watchLines(time, lines, plain);
    const log = [...(this.#frame?.log ?? []), ...happened].slice(-mostKept);
    this.#frame = { time, selection: now, lines, log };
    this.#draw();
  }

  #draw(): void {
    if (this.#frame === undefined) return;
    const { interval, draw, style } = this.options;
    const frame = { ...this.#frame, interval, isPaused: this.#isPaused };
    this.#screen.draw(watchFrame(frame, this.#screen.rows, style(), draw));
  }

  [Symbol.dispose](): void {
    this.#screen[Symbol.dispose]();
  }
}
