/** ENOENT: nothing is at the path. */
import { dirname } from 'node:path';

import { openPath, statusAt } from '../../../../native-probe/paths.js';
import { mountOf } from '../../../../native-probe/proc/mount.js';
import type { Unreached } from '../../../scanning/unreached/unreached.js';
import { layerOf } from '../../../scanning/unreached/unreached-file.js';
import { errorCodeOf, reading } from '../../../words/reading.js';
import { escapedName } from '../../../words/text.js';
import { removedDirectoryHint } from '../current-directory.js';
import { otherWords } from './alike.js';
import { sentences, unseenWords, type Words } from './candidate-words.js';

/** What a socket's path may have, without a NUL at its end. unix(7) */
const longestPath = 107;

/** What the path itself tells, for which nobody has to look; undefined where it tells nothing. */
export function pathWords(subject: string): Words | undefined {
  const message = `there is no socket at ${subject}`;
  if (/^\d+$/.test(subject)) {
    return [
      message,
      `If this is a PID: \`peerpid scan --pid ${subject}\` shows its sockets; give one as /proc/${subject}/fd/N.`,
    ];
  }
  const removed = removedDirectoryHint(subject);
  return removed === undefined ? undefined : [message, removed];
}

/** @param subject - the path as it was typed */
export function missingWords(subject: string, path: Buffer, why: Unreached): Words {
  const [first] = why.candidates;
  const what = why.likeness === 'named' ? placeOf(why) : '';
  return [
    `there is no socket at ${subject}${what}`,
    sentences(
      path.length > longestPath
        ? `Its path has ${path.length} bytes, and a socket's address has room for ${longestPath} (unix(7)).`
        : undefined,
      directoryWords(path),
      first === undefined ? undefined : otherWords(why, first),
      first === undefined
        ? 'Is the service running? `peerpid scan --listening` shows the sockets that listen.'
        : undefined,
      first === undefined ? layerWords(path) : undefined,
      first === undefined ? unseenWords(why.unseen) : undefined,
    ),
  ];
}

/** Where its file is instead, in a few words. */
function placeOf({ became, way, candidates: [first] }: Unreached): string {
  if (became?.there === 'deleted') return ': its file was deleted';
  if (became?.there === 'moved') return ': its file was renamed';
  const byProcess = way?.toString('latin1').startsWith('/proc/') === true;
  return byProcess && first !== undefined ? ' in this mount namespace or below this root' : '';
}

/** Of a directory that another process or machine has: what is seen of it need not be all. */
function layerWords(path: Buffer): string | undefined {
  const directory = Buffer.from(dirname(path.toString('latin1')), 'latin1');
  const layer = reading(() => {
    using opened = openPath(directory, '');
    return layerOf(mountOf(opened));
  });
  const known = 'value' in layer ? layer.value : undefined;
  return known === undefined || known === 'overlay'
    ? undefined
    : `Its directory is on a file system (${known}) that may not show what its service has made there.`;
}

function directoryWords(path: Buffer): string | undefined {
  const directory = Buffer.from(dirname(path.toString('latin1')), 'latin1');
  const code = errorCodeOf(reading(() => statusAt(directory, '')));
  return code === 'ENOENT' ? `There is no directory ${escapedName(directory)} either.` : undefined;
}
