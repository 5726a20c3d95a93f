import { sanitise } from '../words/sanitise.js';

/** Names that others choose must not fill the memory of a long watch. */
const mostKept = 10_000;
const known = new Map<string, string>();

/** The same as {@link sanitise}, for what stands in many lines of a table: each text is worked on once. */
export function safe(text: string): string {
  let sanitised = known.get(text);
  if (sanitised === undefined) {
    sanitised = sanitise(text);
    if (known.size >= mostKept) known.clear();
    known.set(text, sanitised);
  }
  return sanitised;
}
