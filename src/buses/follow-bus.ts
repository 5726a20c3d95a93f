import type { SteadyOutput } from '../cli/steady-output.js';
import { whenToStop } from '../cli/stopping.js';
import type { BusEvent } from '../document/bus-event.js';
import { EventLoop } from '../listening/event-loop.js';
import { BusFollower, type FollowerOptions } from './bus-follower.js';
import type { OpenBus } from './open-bus.js';

export interface FollowOptions extends FollowerOptions {
  /** An event as it is written, of whole lines. */
  readonly text: (event: BusEvent) => string;
  readonly output: SteadyOutput;
  /** Milliseconds after which it ends; undefined for no end. */
  readonly duration: number | undefined;
}

/**
 * Shows who gets and loses names on a bus, until it is stopped.
 *
 * @returns whether a signal stopped it
 * @throws SyscallError where the bus ends
 */
export async function followBus(bus: OpenBus, options: FollowOptions): Promise<{ readonly bySignal: boolean }> {
  const { text, output, duration } = options;
  let pending = '';
  const follower = new BusFollower(bus, options, (event) => (pending += text(event)));
  using loop = new EventLoop();
  using stopping = whenToStop(() => {
    loop.stop();
  });
  if (duration !== undefined) loop.stopAfter(duration);
  loop.stopWithReader(process.stdout.fd);
  const take = (): void => {
    // What came with an answer is not to be read from the socket any more; in a turn of its own, whatever a bus sends
    if (follower.take()) loop.after(0, take);
  };
  using _watch = loop.watch(bus.socket, 'readable', take);
  take();
  await loop.run({
    flush: () => {
      if (pending !== '') output.write(pending);
      pending = '';
      return !output.isFull;
    },
    whenRoom: (callback) => {
      output.whenRoom(callback);
    },
  });
  if (pending !== '') output.write(pending);
  return { bySignal: stopping.bySignal };
}
