import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** The sockets that there are to be found while it is not disposed of. */
export interface Held extends AsyncDisposable {
  /** AF_UNIX sockets of this network namespace that are none of ours: what is measured finds them too. */
  readonly others: number;
}

/**
 * Has many processes hold many connected sockets.
 *
 * @param program - sockets.c, compiled
 * @param path - where their listeners are bound, each with its number at the end
 */
export async function holdSockets(program: string, processes: number, each: number, path: string): Promise<Held> {
  const others = countSockets();
  const holder = spawn(program, [String(processes), String(each), path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(holder, 'close');
  const ready = await Promise.race([once(holder.stdout, 'data'), ended]);
  if (String(ready[0]) !== 'ready\n') throw new Error(`sockets ended with ${String(ready[0])} before it was ready`);
  return {
    others,
    [Symbol.asyncDispose]: async () => {
      holder.stdin.end();
      await ended;
    },
  };
}

/** One a line after the heading, but an address may have newlines in it: so only lines that start as the kernel's do. */
function countSockets(): number {
  return readFileSync('/proc/net/unix', 'latin1').match(/^[0-9a-f]{16}: /gim)?.length ?? 0;
}
