import { isAbsolute, join } from 'node:path';

import { isExecutableFile } from '../../native-probe/executable-file.js';
import { writableByOthers } from '../doctor/services/root-only.js';
import { environment } from '../words/environment.js';
import { exitStatuses, Problem } from '../words/problem.js';
import { errorCodeOf, reading, valueOf } from '../words/reading.js';

/** What execvp(3) looks through where there is no $PATH. */
const usualPath = '/usr/bin:/bin';

/**
 * Where dot of Graphviz is, by $PATH. Never in a directory that is relative: whoever may write where we are would
 * choose what is run. With privileges only where root alone decides what is found, which sudo(8) with `env_keep` or
 * `su` without `-` may leave to others.
 *
 * @throws Problem where there is none, or none that may be run
 */
export function findDot(): string {
  let refusal: string | undefined;
  for (const directory of (environment('PATH') ?? usualPath).split(':')) {
    const path = join(directory, 'dot');
    const isExecutable = reading(() => isExecutableFile(path));
    if (errorCodeOf(isExecutable) === 'ETIMEDOUT')
      refusal ??= `dot of Graphviz was not looked for at ${path}, because a file system on its path does not answer`;
    if (valueOf(isExecutable) !== true) continue;
    const reason = isAbsolute(directory)
      ? whyNotRun(path)
      : `${directory === '' ? 'an empty part' : directory} of $PATH is relative to where peerpid is`;
    if (reason === undefined) return path;
    refusal ??= `dot of Graphviz is not run from ${path}, because ${reason}`;
  }
  throw new Problem(
    'NO_DOT',
    refusal ?? 'dot of Graphviz, which draws pictures, is not installed',
    refusal === undefined
      ? 'Install graphviz; or name a file that ends in .dot, which is drawn elsewhere by dot -Tsvg.'
      : 'Use a $PATH of directories that only root can change, such as /usr/bin; or name a file that ends in .dot.',
    exitStatuses.couldNotLook,
  );
}

/** Why a program at an absolute path may not be run by us; undefined where it may. */
function whyNotRun(path: string): string | undefined {
  if (!isPrivileged()) return undefined;
  const others = reading(() => writableByOthers(path));
  if ('error' in others) return `${others.error.syscall} was refused (${others.error.code})`;
  return others.value === undefined ? undefined : `${others.value} can be changed by others than root`;
}

/** Root, or a process that was given rights which who started it has not. credentials(7) */
function isPrivileged(): boolean {
  const [uid, euid, gid, egid] = [process.getuid, process.geteuid, process.getgid, process.getegid].map((ask) =>
    ask?.(),
  );
  return euid === 0 || uid !== euid || gid !== egid;
}
