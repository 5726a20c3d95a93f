import type { Problem } from '../words/problem.js';

/** What went wrong: the output of every command with `--json` that could not do its work. */
export interface ErrorDocument {
  readonly error: {
    /**
     * A stable word: an errno's name, or one of peerpid's own.
     * @pattern ^[A-Z][A-Z0-9_]*$
     */
    readonly code: string;
    /** What happened. */
    readonly message: string;
    /** What to do about it. */
    readonly hint: string;
  };
}

/** The same as JSON. */
export function problemDocument({ code, message, hint }: Problem): ErrorDocument {
  return { error: { code, message, hint } };
}
