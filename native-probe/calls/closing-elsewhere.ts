/**
 * Closes what turned out to be another file than the one that was asked for: a descriptor of another process may be a
 * file of a FUSE by now, whose close(2) never ends, or a TCP socket that lingers.
 */
import type { Fd } from '../fd.js';
import { failedWith } from '../syscall-error.js';
import { fcntl } from '../libc.js';
import { isReadable } from '../poll.js';
import { uapi } from '../uapi.js';
import { closeStandard, ClosingChildren } from './closing-children.js';
import { milliseconds } from '../monotonic-clock.js';

/** Milliseconds in which a file is closed that nobody keeps from it. */
const patience = 20;

/** So long after what was not closed in that time it is looked at again. Milliseconds. */
const pause = 500;

let children: ClosingChildren | undefined;
let again: NodeJS.Timeout | undefined;

/** Called by the first thread only, since what is started here is put away at the end of the program. */
export function closeElsewhere(descriptors: readonly Fd[]): void {
  if (descriptors.length === 0) return;
  children ??= start();
  if (children === undefined) {
    for (const fd of descriptors) fd[Symbol.dispose]();
    return;
  }
  // Whatever is not closed by now may never be
  if (children.waiting > 0) children.grow();
  // Nor is it to be closed by execve(2), where the program starts over: starting-over.ts
  for (const { number } of descriptors) fcntl(number, uapi.F_SETFD, 0);
  children.close(descriptors);
  // As a rule it is done in a moment, and nothing has to stay
  const until = milliseconds() + patience;
  for (let left = patience; left > 0 && isReadable(children.closed, left); left = until - milliseconds()) {
    children.collect();
    if (children.waiting > 0) continue;
    putAway();
    return;
  }
  lookAgain();
}

/** On a busy machine a child may only need more time: what it has of ours is not kept for that. */
function lookAgain(): void {
  again ??= setTimeout(() => {
    children?.collect();
    if (children?.waiting === 0) putAway();
    else again?.refresh();
  }, pause).unref();
  again.refresh();
}

/** @returns undefined where no children can be had, or the C library has no setcontext(3): a close(2) waits in our own thread then */
function start(): ClosingChildren | undefined {
  try {
    const started = new ClosingChildren();
    process.once('exit', putAway);
    return started;
  } catch (error) {
    if (failedWith(error, 'ENOSYS', 'EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE')) return undefined;
    throw error;
  }
}

/** With what they have not closed they stay until it is, and we do not wait for it. */
function putAway(): void {
  if (children === undefined) return;
  process.off('exit', putAway);
  clearTimeout(again);
  again = undefined;
  children.collect();
  const isStuck = children.waiting > 0;
  children[Symbol.dispose]();
  children = undefined;
  if (isStuck) closeStandard();
}
