/**
 * Milliseconds on a clock that only goes on, from some beginning: CLOCK_MONOTONIC, as performance.now() has it, for which
 * Node loads a millisecond's worth of modules. clock_gettime(2)
 */
export function milliseconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
