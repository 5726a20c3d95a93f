import { release } from 'node:os';

import { SyscallError, withSubject } from '../../native-probe/syscall-error.js';
import type { DoctorRow } from '../document/doctor-document.js';
import { errnoText } from '../words/errno-text.js';
import type { Witness } from '../words/evidence.js';
import { refusalOf } from '../words/reading.js';
import { type Given, notTried, type Row, type Trial } from './row.js';
import { isAtLeast, kernelNumbers } from './version.js';

/** Tries one thing for real, and tells what is known about it. */
export function tryRow(row: Row, given: Given, witness: Witness): DoctorRow {
  const { id, group, name, since, tried, without } = row;
  const trial = attempt(row, given);
  const { ability, detail, error } = trial;
  witness.conclude(tried, error === undefined ? ability : `-1 ${error.code}`, detail);
  const fix = ability === 'works' ? undefined : (trial.fix ?? fixByVersion(row, trial));
  return {
    id,
    group,
    name,
    ability,
    tried,
    detail,
    ...(error !== undefined && { error }),
    ...(since !== undefined && { since }),
    ...(ability !== 'works' && { without }),
    ...(fix !== undefined && { fix }),
  };
}

/** Runs the trial. Where a call that it takes to try the row is refused, nobody can tell. */
function attempt(row: Row, given: Given): Trial {
  try {
    // Sockets of our own have names that the kernel chose
    return withSubject('an abstract name', () => row.try(given));
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const { syscall, code } = error;
    const refusal = refusalOf(error);
    const why = `${refusal.syscall}: ${errnoText(refusal.code)}`;
    return { ...notTried(`What is needed to try it was refused (${why}).`), error: { syscall, code } };
  }
}

/** What to do about a row that does not work: whether a newer kernel would help, or a sandbox is in the way. */
function fixByVersion({ since }: Row, { ability }: Trial): string | undefined {
  if (ability === 'may-not') {
    return 'A seccomp filter, a security module, a BPF program or a missing capability may be the reason: run peerpid outside of that.';
  }
  if (since === undefined || ability !== 'does-not') return undefined;
  return isAtLeast(kernelNumbers(release()), kernelNumbers(since))
    ? `This kernel is new enough (${since}): a sandbox (seccomp) or BPF program may answer in its place, or it was built without it.`
    : `Linux ${since} or newer.`;
}
