import type { NotSeenDocument } from '../document/scan-document.js';
import { Problem } from '../words/problem.js';

/**
 * The problem that nothing was seen of what was named, so that a check of a socket that has vanished does not pass.
 *
 * @param naming - the flags and words that named it, as they were typed
 */
export function nothingChosen(naming: string, { reasons }: NotSeenDocument): Problem {
  const why =
    reasons.length === 0 ? 'Does it run, and is it called so?' : `Not all could be seen: ${reasons.join('; ')}.`;
  return new Problem(
    'NOTHING_CHOSEN',
    `nothing was chosen by ${naming}`,
    `${why} Where it need not be there, --allow-empty makes the exit status 0.`,
  );
}
