/** What tells a process from others for as long as the machine runs, and where there is no pidfd id its number. */
export type ProcessKey = string;

interface Numbered {
  readonly pid?: number | undefined;
  readonly pidfdId?: bigint | number | undefined;
}

/** The key of whatever tells of a process: facts, a document, or a holder. */
export function processKey({ pid, pidfdId }: Numbered): ProcessKey {
  // Before Linux 6.9 the number is all there is
  return pidfdId === undefined ? `pid ${pid ?? ''}` : String(pidfdId);
}
