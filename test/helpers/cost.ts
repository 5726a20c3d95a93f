import assert from 'node:assert/strict';

/** How often to measure at most: what other tests do at the same time makes single ones longer, never shorter. */
const mostTries = 40;

/** Microseconds of the processor. */
function costOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/**
 * Sees that work takes time by its size: four times as much takes less than eight times as long, where work by the square
 * takes sixteen times. Measured until it holds for the least of the tries, which work by the square never comes to.
 *
 * @param size - large enough that the work takes some milliseconds
 * @param prepare - makes the work, whose making is not measured
 */
export function assertLinear(size: number, prepare: (size: number) => () => unknown): void {
  const [one, four] = [prepare(size), prepare(4 * size)];
  // What is compiled or made at the first call is no part of it
  one();
  let [short, long] = [Infinity, Infinity];
  for (let attempt = 0; attempt < mostTries; attempt++) {
    short = Math.min(short, costOf(one));
    long = Math.min(long, costOf(four));
    if (attempt > 0 && long < 8 * Math.max(short, 500)) return;
  }
  assert.fail(`${long} µs for four times of what takes ${short} µs`);
}
