/**
 * What others sent to a socket of ours is put away by the thread that closes the socket, or that receives without room
 * for it: a TCP socket with SO_LINGER whose last reference that was keeps the thread for as long as it says. Such a wait
 * ends with any signal, and the thread has none to wait for at its end. net/ipv4/tcp.c, sk_stream_wait_close(); socket(7)
 */
import * as libc from '../libc.js';
import { check, failedWith } from '../syscall-error.js';
import { uapi } from '../uapi.js';
import { functionNamed } from './call-chain.js';

/** Milliseconds after which a wait is broken off, and again after as many. */
const patience = 1;

/** One that neither Node nor the C library has a use for. signal(7) */
const signal = uapi.SIGRTMAX - 1;

/** Milliseconds between signals. @returns a struct itimerspec */
function every(milliseconds: number): Buffer {
  const times = Buffer.alloc(32);
  for (const at of [8, 24]) times.writeBigInt64LE(BigInt(milliseconds * 1e6), at);
  return times;
}

const [armed, disarmed] = [every(patience), every(0)];

let timer: number | undefined;

/**
 * Makes a call, and breaks off whatever wait of the kernel's in it a signal can end. The call is to be one that gives
 * what it found also then.
 */
export function withoutLingering<T>(call: () => T): T {
  const id = (timer ??= newTimer());
  if (id === undefined) return call();
  check(libc.timerSettime(uapi.NR_timer_settime, id, 0, armed, null), 'timer_settime');
  try {
    return call();
  } finally {
    check(libc.timerSettime(uapi.NR_timer_settime, id, 0, disarmed, null), 'timer_settime');
  }
}

/** Closes a socket that others can have sent something to, or that they can have closed but for us. */
export function disposeWithoutLingering(socket: Disposable): void {
  withoutLingering(() => {
    socket[Symbol.dispose]();
  });
}

/**
 * timer_create(2) of a timer that sends this thread a signal which does nothing.
 *
 * @returns undefined where our user has as many timers and signals as it may (RLIMIT_SIGPENDING): whoever had those
 * could as well stop us
 */
function newTimer(): number | undefined {
  // struct sigaction: the handler, a mask, flags. It is called with a number, which abs(3) makes nothing of.
  const action = Buffer.alloc(152);
  action.writeBigUInt64LE(functionNamed('abs'));
  action.writeInt32LE(uapi.SA_RESTART, 136);
  check(libc.sigaction(signal, action, null), 'sigaction');
  const event = Buffer.alloc(64);
  event.writeInt32LE(signal, 8);
  event.writeInt32LE(uapi.SIGEV_THREAD_ID, 12);
  event.writeInt32LE(check(libc.syscall(uapi.NR_gettid, 0, 0, 0), 'gettid'), 16);
  const id = Buffer.alloc(4);
  try {
    check(libc.timerCreate(uapi.NR_timer_create, uapi.CLOCK_MONOTONIC, event, id), 'timer_create');
  } catch (error) {
    if (!failedWith(error, 'EAGAIN')) throw error;
    return undefined;
  }
  return id.readInt32LE();
}
