/** epoll(7), and the eventfd(2) that ends a wait from outside. */
import { readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';

import { Fd } from './fd.js';
import * as libc from './libc.js';
import { check } from './syscall-error.js';
import { uapi } from './uapi.js';

/** What happened to a descriptor. EPOLLHUP and EPOLLERR are told unasked. */
export interface Readiness {
  /** What was given to {@link Epoll.add}. */
  readonly token: number;
  readonly readable: boolean;
  /** EPOLLHUP: the connection or process is gone, and not only what the peer sends at an end. */
  readonly gone: boolean;
  /** The peer will send no more (EPOLLRDHUP), or the connection or process is gone (EPOLLHUP). */
  readonly hangup: boolean;
}

/** What to wait for: data and hang-up, or hang-up alone. */
export type Interest = 'readable' | 'hangup';

const eventsOfInterest = { readable: uapi.EPOLLIN | uapi.EPOLLRDHUP, hangup: 0 } as const satisfies Record<
  Interest,
  number
>;

/** At most this many events per wait, so that each turn is short. */
const mostEvents = 64;

/** An epoll instance. Level-triggered: an event that is not dealt with is told again. */
export class Epoll implements Disposable {
  readonly #fd = new Fd(check(libc.epollCreate1(uapi.EPOLL_CLOEXEC), 'epoll_create1'));
  readonly #events = Buffer.alloc(mostEvents * uapi.epollEventSize);
  readonly #event = Buffer.alloc(uapi.epollEventSize);

  /** epoll_ctl(EPOLL_CTL_ADD); the token comes back with each event. */
  add(fd: Fd, token: number, interest: Interest): void {
    this.#control(uapi.EPOLL_CTL_ADD, fd, token, interest);
  }

  /** epoll_ctl(EPOLL_CTL_MOD). */
  change(fd: Fd, token: number, interest: Interest): void {
    this.#control(uapi.EPOLL_CTL_MOD, fd, token, interest);
  }

  /** epoll_ctl(EPOLL_CTL_DEL). */
  remove(fd: Fd): void {
    this.#control(uapi.EPOLL_CTL_DEL, fd, 0, 'hangup');
  }

  /** epoll_wait(2) on a thread of its own, until something happens. @returns nothing after a signal (EINTR) */
  async wait(): Promise<Readiness[]> {
    const result = await libc.epollWaitAsync(this.#fd.number, this.#events, mostEvents, -1);
    if (result === -constants.errno.EINTR) return [];
    const count = check(result, 'epoll_wait');
    return Array.from({ length: count }, (_, index) => {
      const at = index * uapi.epollEventSize;
      const events = this.#events.readUInt32LE(at);
      return {
        token: this.#events.readUInt32LE(at + uapi.epollDataOffset),
        readable: (events & uapi.EPOLLIN) !== 0,
        gone: (events & uapi.EPOLLHUP) !== 0,
        hangup: (events & (uapi.EPOLLHUP | uapi.EPOLLRDHUP | uapi.EPOLLERR)) !== 0,
      };
    });
  }

  #control(operation: number, fd: Fd, token: number, interest: Interest): void {
    this.#event.writeUInt32LE(eventsOfInterest[interest], 0);
    this.#event.writeUInt32LE(token, uapi.epollDataOffset);
    check(libc.epollCtl(this.#fd.number, operation, fd.number, this.#event), 'epoll_ctl');
  }

  [Symbol.dispose](): void {
    this.#fd[Symbol.dispose]();
  }
}

/** An eventfd(2): readable from {@link Alarm.ring} on, until {@link Alarm.quiet}. */
export class Alarm implements Disposable {
  readonly fd = new Fd(check(libc.eventfd(0, uapi.EFD_CLOEXEC | uapi.EFD_NONBLOCK), 'eventfd'));

  ring(): void {
    const one = Buffer.alloc(8);
    one.writeBigUInt64LE(1n);
    writeSync(this.fd.number, one);
  }

  quiet(): void {
    try {
      readSync(this.fd.number, Buffer.alloc(8));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.fd[Symbol.dispose]();
  }
}
