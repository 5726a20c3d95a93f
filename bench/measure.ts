/** Side by side: A B C A B C …, so that what else the machine does hits all alike. */
export async function sideBySide<T>(
  names: readonly string[],
  rounds: number,
  measure: (name: string) => T | Promise<T>,
): Promise<Map<string, T[]>> {
  const measured = new Map<string, T[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, values] of measured) values.push(await measure(name));
  }
  return measured;
}

/** Side by side, and then the medians. */
export async function interleaved(
  names: readonly string[],
  rounds: number,
  measure: (name: string) => number | Promise<number>,
): Promise<Map<string, number>> {
  const measured = await sideBySide(names, rounds, measure);
  return new Map([...measured].map(([name, values]) => [name, median(values)]));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Each value, and how many times the first one it is. */
export function table(title: string, values: ReadonlyMap<string, number>, unit: (value: number) => string): string {
  const first = [...values.values()][0] ?? NaN;
  const rows = [...values].map(
    ([name, value]) => `  ${name.padEnd(28)}${unit(value).padStart(14)}${(value / first).toFixed(2).padStart(8)}`,
  );
  return `${title}\n${rows.join('\n')}\n`;
}
