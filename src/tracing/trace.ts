import type { ConnectionTracer } from '../../native-probe/bpf/connection-tracer.js';
import type { SteadyOutput } from '../cli/steady-output.js';
import { whenToStop } from '../cli/stopping.js';
import type { TraceEvent } from '../document/trace-event.js';
import { EventLoop } from '../listening/event-loop.js';
import type { chosenEvents } from './chosen-events.js';
import type { ServiceHolders } from './service-holders.js';
import { Tracing } from './tracing.js';
import type { TraceCounts } from '../output/trace/trace-metrics.js';
import type { Tally } from './trace-tally.js';
import type { Reading } from '../words/reading.js';

export interface TraceOptions {
  readonly isChosen: ReturnType<typeof chosenEvents>;
  /** Who has services' sockets open; why not, where that cannot be had. */
  readonly services: Reading<ServiceHolders>;
  /** An event as it is written, of whole lines. */
  readonly text: (event: TraceEvent) => string;
  readonly output: SteadyOutput;
  /** Ends after so many; Infinity for no end. */
  readonly count: number;
  /** Milliseconds after which it ends. */
  readonly duration: number | undefined;
  /** Is given what was counted, every so often and at the end. */
  readonly counted: ((counts: TraceCounts) => void) | undefined;
}

const second = 1000;
/** Seconds between two times that what was counted is given. */
const countedEvery = 10;

/** Tells what happens until it is stopped. @returns what was counted, and whether a signal stopped it */
export async function trace(
  tracer: ConnectionTracer,
  { isChosen, services, text, output, count, duration, counted }: TraceOptions,
): Promise<{ readonly tally: Tally; readonly bySignal: boolean }> {
  let pending = '';
  const tracing = new Tracing(tracer, isChosen, (event) => (pending += text(event)), count, services);
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
  loop.stopWithReader(process.stdout.fd);
  const take = (): void => {
    tracing.take();
    if (tracing.hasEnough) loop.stop();
  };
  using _watch = loop.watch(tracer.fd, 'readable', take);
  let seconds = 0;
  const tick = (): void => {
    // The last of a burst may have come without a wake-up
    take();
    if (seconds++ % countedEvery === 0) counted?.(tracing.counts);
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
  counted?.(tracing.counts);
  return { tally: tracing.tally, bySignal: stopping.bySignal };
}
