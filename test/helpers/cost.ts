import assert from 'node:assert/strict';

/** How many times to measure: what other tests do at the same time makes single ones longer, never shorter. */
const tries = 5;

/** Microseconds of the processor, the least of several tries. */
function leastCost(work: () => void): number {
  let least = Infinity;
  for (let attempt = 0; attempt < tries; attempt++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}

/**
 * Sees that work takes time by its size: four times as much takes less than eight times as long, where work by the square
 * takes sixteen times.
 *
 * @param size - large enough that the work takes some milliseconds
 * @param prepare - makes the work, whose making is not measured
 */
export function assertLinear(size: number, prepare: (size: number) => () => unknown): void {
  const [one, four] = [prepare(size), prepare(4 * size)];
  // What is compiled or made at the first call is no part of it
  one();
  const [short, long] = [leastCost(one), leastCost(four)];
  assert.ok(long < 8 * Math.max(short, 500), `${long} µs for four times of what takes ${short} µs`);
}
