/**
 * What was probably meant by a word that is none of those that there are: those to which the fewest letters lead that
 * are changed, added, left out, or have changed places with the next; a third of the letters at most.
 */
export function likelyMeant(typed: string, names: readonly string[]): readonly string[] {
  const distances = names.map((name) => distanceOf(typed, name));
  const least = Math.min(...distances);
  return least <= Math.max(1, Math.floor(typed.length / 3)) ? names.filter((_, at) => distances[at] === least) : [];
}

/** Optimal string alignment: a row for each letter of the one, a column for each of the other. */
function distanceOf(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[at - 1] === other[column - 1];
      const changed = (row[column - 1] ?? 0) + (isSame ? 0 : 1);
      const isSwapped = at > 1 && column > 1 && one[at - 1] === other[column - 2] && one[at - 2] === other[column - 1];
      const swapped = isSwapped ? (before[column - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(changed, swapped, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}
