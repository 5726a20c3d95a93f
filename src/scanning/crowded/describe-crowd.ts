import type { BlockedDocument, CrowdDocument, WaitingDocument } from '../../document/crowd-document.js';
import { present } from '../../document/unavailable.js';
import { textOf } from '../../words/text.js';
import type { Crowd, Somebody } from './crowd.js';

/** As JSON has it. */
export function describeCrowd(
  { blocked, isAnotherFull, whyNotTaken }: Crowd,
  clients: readonly Somebody[],
): CrowdDocument {
  const blockedOf = (isPerhapsElsewhere: boolean): BlockedDocument[] =>
    eachOnce(blocked.filter((one) => one.isPerhapsElsewhere === isPerhapsElsewhere).map(({ process }) => process)).map(
      (one) => (isPerhapsElsewhere ? { ...one, perhapsElsewhere: true } : one),
    );
  return {
    clients: eachOnce(clients),
    blocked: [...blockedOf(false), ...blockedOf(true)],
    ...present({ anotherFull: isAnotherFull ? true : undefined }),
    kept: whyNotTaken.kept.map(({ process, by, limit }) => ({ ...brief(process), by, ...present({ limit }) })),
  };
}

function eachOnce(processes: readonly Somebody[]): WaitingDocument[] {
  const byPid = new Map<number, WaitingDocument>();
  for (const process of processes) {
    byPid.set(process.pid, { ...brief(process), sockets: (byPid.get(process.pid)?.sockets ?? 0) + 1 });
  }
  return [...byPid.values()];
}

function brief({ pid, comm }: Somebody): { readonly pid: number; readonly comm: string } {
  return { pid, comm: textOf(comm) };
}
