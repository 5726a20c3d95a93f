import { constants } from 'node:os';

/** How a process ended. */
export type ExitStatus = { readonly code: number } | { readonly signal: string; readonly coreDumped: boolean };

// Some numbers have two names (SIGABRT, SIGIOT): the first is the usual one
const signalNames = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** What a wait(2) status says. wait(2), WIFEXITED and the rest */
export function exitStatusOf(waitStatus: number): ExitStatus {
  const signal = waitStatus & 0x7f;
  if (signal === 0) return { code: (waitStatus >> 8) & 0xff };
  return { signal: signalNames.get(signal) ?? `signal ${signal}`, coreDumped: (waitStatus & 0x80) !== 0 };
}
