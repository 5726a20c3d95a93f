import type { ConnectionTracer } from '../../native-probe/bpf/connection-tracer.js';
import type { SteadyOutput } from '../cli/steady-output.js';
import { whenToStop } from '../cli/stopping.js';
import type { TraceEvent } from '../document/trace-event.js';
import { EventLoop } from '../listening/event-loop.js';
import type { chosenEvents } from './chosen-events.js';
import { Tracing } from './tracing.js';
import type { Tally } from './trace-tally.js';

export interface TraceOptions {
  readonly isChosen: ReturnType<typeof chosenEvents>;
  /** An event as it is written, of whole lines. */
  readonly text: (event: TraceEvent) => string;
  readonly output: SteadyOutput;
  /** Ends after so many; Infinity for no end. */
  readonly count: number;
  /** Milliseconds after which it ends. */
  readonly duration: number | undefined;
  /** Called each second, and at the end. */
  readonly everySecond: ((tally: Tally) => void) | undefined;
}

const second = 1000;

/** Tells what happens until it is stopped. @returns what was counted, and whether a signal stopped it */
export async function trace(
  tracer: ConnectionTracer,
  { isChosen, text, output, count, duration, everySecond }: TraceOptions,
): Promise<{ readonly tally: Tally; readonly bySignal: boolean }> {
  let pending = '';
  const tracing = new Tracing(tracer, isChosen, (event) => (pending += text(event)), count);
  const flush = (): boolean => {
    if (pending !== '') output.write(pending);
    pending = '';
    return !output.isFull;
  };
  using loop = new EventLoop();
  using stopping = whenToStop(() => {
    loop.stop();
  });
  if (duration !== undefined) loop.stopAfter(duration);
  const take = (): void => {
    tracing.take();
    if (tracing.hasEnough) loop.stop();
  };
  using _watch = loop.watch(tracer.fd, 'readable', take);
  const tick = (): void => {
    // The last of a burst may have come without a wake-up
    take();
    everySecond?.(tracing.tally);
    loop.after(second, tick);
  };
  tick();
  tracing.start();
  flush();
  await loop.run({
    flush,
    whenRoom: (callback) => {
      output.whenRoom(callback);
    },
  });
  tracing.finish();
  flush();
  everySecond?.(tracing.tally);
  return { tally: tracing.tally, bySignal: stopping.bySignal };
}
