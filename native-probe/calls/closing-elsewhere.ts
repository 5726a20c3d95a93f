/**
 * Closes what turned out to be another file than the one that was asked for: a descriptor of another process may be a
 * file of a FUSE by now, whose close(2) never ends, or a TCP socket that lingers.
 */
import type { Fd } from '../fd.js';
import { failedWith } from '../syscall-error.js';
import { closeStandard, ClosingChildren } from './closing-children.js';

let children: ClosingChildren | undefined;

/** Called by the first thread only, since what is started here is put away at the end of the program. */
export function closeElsewhere(descriptors: readonly Fd[]): void {
  if (descriptors.length === 0) return;
  children ??= start();
  if (children === undefined) {
    for (const fd of descriptors) fd[Symbol.dispose]();
    return;
  }
  children.collect();
  // Whatever is not closed by now may never be
  if (children.waiting > 0) children.grow();
  children.close(descriptors);
}

/** @returns undefined where no children can be had, or the C library has no setcontext(3): a close(2) waits in our own thread then */
function start(): ClosingChildren | undefined {
  try {
    const started = new ClosingChildren();
    process.once('exit', () => {
      started.collect();
      const isStuck = started.waiting > 0;
      started[Symbol.dispose]();
      if (isStuck) closeStandard();
    });
    return started;
  } catch (error) {
    if (failedWith(error, 'ENOSYS', 'EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE')) return undefined;
    throw error;
  }
}
