/** A duration as people read it: `0.12 ms`, `3.4 s`. @param nanoseconds - how long */
export function durationText(nanoseconds: number): string {
  if (nanoseconds >= 1e9) return `${(nanoseconds / 1e9).toFixed(1)} s`;
  const milliseconds = nanoseconds / 1e6;
  return `${milliseconds >= 10 ? Math.round(milliseconds) : Number(milliseconds.toPrecision(2))} ms`;
}
