import { basename, dirname, isAbsolute, join } from 'node:path';

import { isExecutableFile } from '../../native-probe/executable-file.js';
import { writableByOthers } from '../doctor/services/root-only.js';
import { environment } from '../words/environment.js';
import { errorCodeOf, reading, valueOf } from '../words/reading.js';

/** What execvp(3) looks through where there is no $PATH. */
const usualPath = '/usr/bin:/bin';

/** Where a program is; or why none that is there is run, where there is one. */
export type FoundProgram = { readonly path: string } | { readonly refusal: string | undefined };

/**
 * Where a program is, by $PATH, or whether it may be run at the path that it is named by. Never in a directory that is
 * relative: whoever may write where we are would choose what is run. With privileges only where root alone decides what
 * is found, which sudo(8) with `env_keep` or `su` without `-` may leave to others.
 *
 * @param subject - what the program is called in a refusal
 */
export function findProgram(name: string, subject = name): FoundProgram {
  let refusal: string | undefined;
  const directories = name.includes('/') ? [dirname(name)] : (environment('PATH') ?? usualPath).split(':');
  for (const directory of directories) {
    const path = join(directory, basename(name));
    const isExecutable = reading(() => isExecutableFile(path));
    if (errorCodeOf(isExecutable) === 'ETIMEDOUT')
      refusal ??= `${subject} was not looked for at ${path}, because a file system on its path does not answer`;
    if (valueOf(isExecutable) !== true) continue;
    const reason = isAbsolute(directory)
      ? whyNotRun(path)
      : `${directory === '' ? 'an empty part' : directory} of $PATH is relative to where peerpid is`;
    if (reason === undefined) return { path };
    refusal ??= `${subject} is not run from ${path}, because ${reason}`;
  }
  return { refusal };
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
