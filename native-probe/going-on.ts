/** Whether this thread goes on, or is kept waiting by a process that it looks at: calls/starting-over.ts */
let told: (() => void) | undefined;

/** Tells that there is progress; called at least once for each thing that is looked at. */
export function goesOn(): void {
  told?.();
}

/** Whether somebody is told, who does not let this thread wait for ever. */
export function isWatched(): boolean {
  return told !== undefined;
}

/** @param to - called at each step, so that it has to be quick; undefined for nobody */
export function tellProgress(to: (() => void) | undefined): void {
  told = to;
}
