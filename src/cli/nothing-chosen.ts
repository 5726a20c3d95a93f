import type { NotSeenDocument } from '../document/scan-document.js';
import { isSocketUnit } from '../socket/address.js';
import { findNamed } from '../socket/named-socket.js';
import { splitAddresses } from '../socket/pasted-address.js';
import { Problem } from '../words/problem.js';

/**
 * The problem that nothing was seen of what was named, so that a check of a socket that has vanished does not pass.
 *
 * @param naming - the flags and words that named it, as they were typed
 * @param sockets - what was typed after each `--socket`
 */
export function nothingChosen(naming: string, sockets: readonly string[], { reasons }: NotSeenDocument): Problem {
  const missing = sockets
    .filter((list) => !list.startsWith('!'))
    .flatMap(splitAddresses)
    .slice(0, mostLooks)
    .flatMap(whyNot);
  const why = missing.length === 0 ? 'Is it running, and is that its name?' : `${missing.join('; ')}.`;
  const unseen =
    reasons.length === 0
      ? ''
      : ` Not everything could be seen: ${[...new Set(reasons.map(({ reason }) => reason))].join('; ')}.`;
  return new Problem(
    'NOTHING_CHOSEN',
    `nothing matches ${naming}`,
    `${why}${unseen} If it may be absent, --allow-empty makes the exit status 0.`,
  );
}

const mostLooks = 3;

/** Why a path leads to no file; nothing of a name with wildcards, or where there is one. */
function whyNot(word: string): string[] {
  if (isSocketUnit(word.trim())) return [];
  const { file } = findNamed(word.trim());
  if (file === undefined || 'value' in file || /[*?[]/.test(word)) return [];
  const { code } = file.error;
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? [`There is no file ${word.trim()}`]
    : [`${word.trim()} could not be looked at (${code})`];
}
