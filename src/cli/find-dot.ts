import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

import { asSyscall } from '../../native-probe/syscall-error.js';
import { writableByOthers } from '../doctor/services/root-only.js';
import { environment } from '../words/environment.js';
import { exitStatuses, Problem } from '../words/problem.js';
import { reading, valueOf } from '../words/reading.js';

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
    if (!isExecutable(path)) continue;
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
      : 'Have a $PATH of directories that are root’s alone, such as /usr/bin; or name a file that ends in .dot.',
    exitStatuses.couldNotLook,
  );
}

function isExecutable(path: string): boolean {
  const is = reading(() =>
    asSyscall(path, () => {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    }),
  );
  return valueOf(is) === true;
}

/** Why a program at an absolute path may not be run by us; undefined where it may. */
function whyNotRun(path: string): string | undefined {
  if (!isPrivileged()) return undefined;
  const others = reading(() => writableByOthers(path));
  if ('error' in others) return `${others.error.syscall} was refused (${others.error.code})`;
  return others.value === undefined ? undefined : `${others.value} is not root's alone to change`;
}

/** Root, or a process that was given rights which who started it has not. credentials(7) */
function isPrivileged(): boolean {
  const [uid, euid, gid, egid] = [process.getuid, process.geteuid, process.getgid, process.getegid].map((ask) =>
    ask?.(),
  );
  return euid === 0 || uid !== euid || gid !== egid;
}
