type Kept = Disposable | AsyncDisposable;

/** Ends the last that was made first, and all of them, whatever one of them throws. */
async function endAll(kept: Kept[]): Promise<void> {
  const last = kept.pop();
  if (last === undefined) return;
  try {
    if (Symbol.asyncDispose in last) await last[Symbol.asyncDispose]();
    else last[Symbol.dispose]();
  } finally {
    await endAll(kept);
  }
}

/**
 * Prepares each test of the `describe` that this is called in.
 *
 * @param prepare - what it makes and keeps is ended after the test; what was made before it failed, too
 */
export function prepareEach(prepare: (keep: <T extends Kept>(made: T) => T) => Promise<void> | void): void {
  const kept: Kept[] = [];
  beforeEach(() =>
    prepare((made) => {
      kept.push(made);
      return made;
    }),
  );
  afterEach(() => endAll(kept));
}
