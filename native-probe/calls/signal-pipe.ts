/**
 * Signals that libuv has taken and Node has not seen yet: libuv's handler writes each into a pipe that the event loop
 * reads. libuv, src/unix/signal.c
 */
import { constants, readdirSync, readFileSync, readlinkSync } from 'node:fs';

import * as libc from '../libc.js';
import { asSyscall, failedWith } from '../syscall-error.js';
import { uapi } from '../uapi.js';

/** Bytes of what libuv writes for a signal, and where in it the number is: uv__signal_msg_t, after a pointer. */
export const signalMessage = { size: 16, numberAt: 8 } as const;

/**
 * The end of that pipe from which it is read: what Node's event loop waits for, and this process writes to.
 *
 * @returns undefined where there is not exactly one: the event loop has not waited yet, or libuv is another library
 * @throws SyscallError ENOENT without /proc
 */
export function signalPipe(): number | undefined {
  const epoll = libc.eventLoopDescriptor();
  if (epoll === undefined) return undefined;
  const pipes = pipeOfEach();
  const isOurs = (number: number, link: string): boolean =>
    [...pipes].some(([other, otherLink]) => other !== number && otherLink === link);
  const watched = asSyscall('fdinfo', () => readFileSync(`/proc/self/fdinfo/${epoll}`, 'latin1'));
  const found = [...watched.matchAll(/^tfd: +(\d+) /gm)]
    .map(([, number]) => Number(number))
    .filter((number) => {
      const link = pipes.get(number);
      return link !== undefined && isOurs(number, link) && doesNotWait(number);
    });
  return found.length === 1 ? found[0] : undefined;
}

/** The pipes among our descriptors, and which pipe each is. */
function pipeOfEach(): Map<number, string> {
  const pipes = new Map<number, string>();
  for (const name of asSyscall('/proc/self/fd', () => readdirSync('/proc/self/fd'))) {
    try {
      const link = asSyscall(name, () => readlinkSync(`/proc/self/fd/${name}`, 'latin1'));
      if (link.startsWith('pipe:')) pipes.set(Number(name), link);
    } catch (error) {
      // That of the directory itself, which is closed by now
      if (!failedWith(error, 'ENOENT')) throw error;
    }
  }
  return pipes;
}

function doesNotWait(number: number): boolean {
  return (libc.fcntl(number, uapi.F_GETFL, 0) & constants.O_NONBLOCK) !== 0;
}
