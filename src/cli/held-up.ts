/**
 * A look that other processes may hold up for ever, by sleeping in the middle of execve(2), is given a moment without
 * progress. Then the program starts over, and leaves out whoever sleeps so: native-probe/calls/starting-over.ts
 */
import { closeElsewhere } from '../../native-probe/calls/closing-elsewhere.js';
import { startingOver } from '../../native-probe/calls/starting-over.js';
import { Fd } from '../../native-probe/fd.js';
import { fcntl } from '../../native-probe/libc.js';
import { leaveOutHeld } from '../../native-probe/proc/held-processes.js';
import { readProcLink, readProcNumbers } from '../../native-probe/proc/read.js';
import { uapi } from '../../native-probe/uapi.js';
import { environment, rememberInEnvironment } from '../words/environment.js';
import { type CommandStatus, exitStatuses, Problem } from '../words/problem.js';
import { reading, valueOf } from '../words/reading.js';
import { rememberedBlocking, rememberedFarewell } from './standard-output.js';

/**
 * Milliseconds without progress: of the first look, and of each after one that was held up; not more often. What is asked
 * where it can be given up takes a second.
 */
const limits = [1500, 3000, 5000, 10_000] as const;

/** How often it has started over since a look came to its end, and the descriptors that it was given at its first start. */
let times = 0;
let given: readonly number[] | undefined;

/** Of several SOCKETs how many are done, and the worst exit status of those: they are not looked at again. */
export interface Done {
  readonly number: number;
  readonly status: CommandStatus;
}
let done: Done = { number: 0, status: exitStatuses.believed };
let wasDone: Done | undefined;

/** What was done before this started over; undefined where it did not. */
export function doneBefore(): Done | undefined {
  return wasDone;
}

/** Has what is done by now not be done again where this starts over. */
export function rememberDone(now: Done): void {
  done = now;
}

/**
 * Looks at processes. What was printed before is printed again where this starts over, unless {@link rememberDone} knows.
 *
 * @throws Problem HELD_UP where it was held up again and again
 */
export function notHeldUp<T>(look: () => T): T {
  given ??= openAfterExec();
  const limit = limits[times];
  if (limit === undefined) {
    // Another SOCKET may follow
    times = 0;
    throw heldUp();
  }
  rememberInEnvironment([times + 1, done.number, done.status, ...given].join(' '));
  try {
    return startingOver(limit, { blocking: rememberedBlocking(), farewell: rememberedFarewell() }, look);
  } finally {
    times = 0;
    rememberInEnvironment(undefined);
  }
}

/** Takes over from the one before this, which started over. Called before any descriptor is opened. */
export function takeOver(): void {
  const known = environment('PEERPID_STARTED_OVER') ?? '';
  const [before = 1, number = 0, status = exitStatuses.believed, ...descriptors] = known.split(' ').map(Number);
  times = before;
  given = descriptors;
  wasDone = done = { number, status: status as CommandStatus };
  leaveOutHeld();
  // It may have left open what does not let itself be closed
  const left = openNumbers().filter((number) => !descriptors.includes(number) && isOfOthers(number));
  closeElsewhere(left.map((number) => new Fd(number)));
}

/** Whether a descriptor is neither one of those that Node has at its start nor of what closes at once anyway. */
function isOfOthers(number: number): boolean {
  const link = valueOf(reading(() => readProcLink(`/proc/self/fd/${number}`)))?.toString('latin1');
  return link !== undefined && !/^(?:anon_inode:|pipe:|\/dev\/)/.test(link);
}

/** Descriptors that the next program has, too, but for the standard ones. */
function openAfterExec(): number[] {
  return openNumbers().filter((number) => fcntl(number, uapi.F_GETFD, 0) === 0);
}

function openNumbers(): number[] {
  return (valueOf(reading(() => readProcNumbers('/proc/self/fd'))) ?? []).filter((number) => number > 2);
}

function heldUp(): Problem {
  return new Problem(
    'HELD_UP',
    `peerpid made no progress for ${limits.map((limit) => limit / 1000).join(', ')} s, one after the other: processes that sleep in the middle of execve(2) may keep it waiting, or the machine is too busy`,
    'Such processes are closing a file of a FUSE that does not answer: its connection can be aborted (/sys/fs/fuse/connections/*/abort), and they then end.',
  );
}
