import { isUserName } from '../../native-probe/user-database.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import { parseChoice } from '../connections/choice.js';
import { Problem, wrongUsage } from '../words/problem.js';
import { unescapedName } from '../words/text.js';

/**
 * Refuses names that no user has: nothing would be chosen, and a check that chooses nothing finds nothing wrong.
 *
 * @param typed - after `--user`
 * @throws Problem that names the first, also where the databases do not answer
 */
export function requireKnownUsers(typed: string): void {
  parseChoice('--user', typed, (word) => {
    if (/^\d+$/.test(word) || spellingsOf(word).some(isKnown)) return word;
    throw wrongUsage(
      `there is no user ${word}`,
      '`getent passwd` lists the users; a uid that is not in the list works, too.',
    );
  });
}

function isKnown(name: Buffer): boolean {
  try {
    return isUserName(name);
  } catch (error) {
    if (!failedWith(error, 'ETIMEDOUT')) throw error;
    throw new Problem(
      'ETIMEDOUT',
      'the databases of users (nsswitch.conf(5)) do not answer, so the user cannot be looked up',
      'Give the uid, or see what `timeout 5 getent passwd` says.',
    );
  }
}

/** A name as the database may have it: as it was typed, or with the escapes that it is printed with. */
function spellingsOf(word: string): Buffer[] {
  const typed = Buffer.from(word);
  return [typed, unescapedName(typed)];
}
