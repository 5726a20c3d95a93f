import type { Unreached } from '../../../scanning/unreached/unreached.js';
import type { Words } from './candidate-words.js';
import { refusedWords } from './refused.js';

/** What is at a path where a socket is to be made, and no socket is bound to it. It is advised to remove only what is left over. */
export function inTheWayWords(subject: string, why: Unreached): Words {
  const { file, likeness } = why;
  const isLeft = file?.isBound === false && !file.isDeleted && file.layer === undefined;
  if (isLeft && likeness !== 'bound' && likeness !== 'named') {
    return [`${subject} is a socket that nobody listens to any more`, '--replace removes it first.'];
  }
  const [message, hint] = refusedWords(subject, why);
  return [`${subject} is there already: ${message}`, `${hint} Or give another path.`];
}
