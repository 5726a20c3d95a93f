/** What no look shows, so that nobody takes silence for nothing. @param interval - in milliseconds */
export function notSeenBetween(interval: number): string {
  return `not seen: what comes and goes between two looks, one every ${interval / 1000} s`;
}
