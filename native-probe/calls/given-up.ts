/** Children that ask about paths, and were given up since no answer came: they are bounded, and so is the time that they cost. */
import { constants } from 'node:os';

import { isReadable } from '../poll.js';
import { SyscallError } from '../syscall-error.js';
import type { CallingChild } from './calling-child.js';
import { Patience } from './patience.js';
import { milliseconds } from '../monotonic-clock.js';

const patience = new Patience(50);

/** Children that were given up and have not ended, and that were given up of late. With more nothing is asked. */
const most = 16;
const ofLate = 20_000;
const running = new Set<CallingChild>();
const times: number[] = [];

/** Milliseconds that an answer is still waited for. @param asked - when it was asked, by milliseconds() */
export function limitOf(asked: number): number {
  return patience.left(asked);
}

/** @throws SyscallError EBUSY where too many others did not answer for one more to be asked */
export function requireAnswers(subject: string): void {
  for (const child of running) if (child.reap()) running.delete(child);
  if (running.size === 0) process.off('exit', reapAtEnd);
  const since = milliseconds() - ofLate;
  while ((times[0] ?? Infinity) < since) times.shift();
  if (Math.max(running.size, times.length) >= most) throw new SyscallError('stat', constants.errno.EBUSY, subject);
}

/** The error of a question that is given up. */
export function saysNothing(subject: string): SyscallError {
  patience.gaveUp();
  times.push(milliseconds());
  return new SyscallError('stat', constants.errno.ETIMEDOUT, subject);
}

/** Kills a child without a wait for its end. */
export function leave(child: CallingChild): void {
  if (child.giveUp()) return;
  if (running.size === 0) process.once('exit', reapAtEnd);
  running.add(child);
}

/** For those that end at once when they are killed: whoever has them after us need not be one who reaps. Milliseconds. */
const longestReaping = 100;

function reapAtEnd(): void {
  const until = milliseconds() + longestReaping;
  for (const child of running) if (isReadable(child.pidfd, Math.max(0, until - milliseconds()))) child.reap();
}
