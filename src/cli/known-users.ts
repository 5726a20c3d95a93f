import { isUserName } from '../../native-probe/user-database.js';
import { parseChoice } from '../connections/choice.js';
import { wrongUsage } from '../words/problem.js';
import { unescapedName } from '../words/text.js';

/**
 * Refuses names that no user has: nothing would be chosen, and a check that chooses nothing finds nothing wrong.
 *
 * @param typed - after `--user`
 * @throws Problem that names the first
 */
export function requireKnownUsers(typed: string): void {
  parseChoice('--user', typed, (word) => {
    if (/^\d+$/.test(word) || spellingsOf(word).some(isUserName)) return word;
    throw wrongUsage(
      `there is no user ${word}`,
      '`getent passwd` lists the users; a number need not be one of theirs.',
    );
  });
}

/** A name as the database may have it: as it was typed, or with the escapes that it is printed with. */
function spellingsOf(word: string): Buffer[] {
  const typed = Buffer.from(word);
  return [typed, unescapedName(typed)];
}
