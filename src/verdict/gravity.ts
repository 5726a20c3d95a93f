import type { Verdict } from './verdict.js';

/** The rank of a verdict: the lower, the worse. */
export const gravity: Readonly<Record<Verdict, number>> = {
  contradicted: 0,
  recycled: 1,
  exited: 2,
  foreign: 3,
  unpinned: 4,
  pinned: 5,
  none: 6,
};

/** Every verdict, the worst first. */
export const verdictsByGravity = (Object.keys(gravity) as Verdict[]).sort((a, b) => gravity[a] - gravity[b]);

/** The rank of what has no verdict: after all that have one. */
export const leastGrave = verdictsByGravity.length;

/** The gravity of a verdict, or where nobody asked for one a number that is less grave than any. */
export function gravityOf(verdict: Verdict | undefined): number {
  return verdict === undefined ? leastGrave : gravity[verdict];
}
