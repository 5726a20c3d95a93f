/** The most things of a kind that a text for people names one by one: the JSON has them all. */
export const mostNamed = 16;

/** The most supplementary groups that a text names: each may be asked of a name service. */
export const mostGroupsNamed = 32;

/**
 * The first of some things, each as text, and how many there are besides: `a`, `b`, `+ 7 more`.
 *
 * @param show - called for those alone that are named
 */
export function fewOf<T>(all: readonly T[], show: (one: T) => string, most = mostNamed, count = all.length): string[] {
  const named = all.slice(0, most).map(show);
  return count > named.length ? [...named, `+ ${count - named.length} more`] : named;
}
