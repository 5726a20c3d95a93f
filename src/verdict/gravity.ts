import type { Verdict } from './verdict.js';

/** The worst first. */
export const verdictsByGravity: readonly Verdict[] = [
  'contradicted',
  'recycled',
  'exited',
  'foreign',
  'unpinned',
  'pinned',
  'none',
];

/** How grave a verdict is: less is worse. */
export const gravity = Object.fromEntries(verdictsByGravity.map((verdict, index) => [verdict, index])) as Readonly<
  Record<Verdict, number>
>;

export const leastGrave = verdictsByGravity.length;
