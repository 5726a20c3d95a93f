import type { RefusalCode } from './reading.js';

/** The exit statuses of every command, with `--json` too. They stand in the man pages. */
export const exitStatuses = {
  /** Looked, and all that was selected may be believed; of a command that does not judge: done. */
  believed: 0,
  /** Could not look: no such socket, refused, not permitted, timed out. Node gives a crash the same status, so that none is taken for a finding. */
  couldNotLook: 1,
  /** What was typed does not make sense. */
  wrongUsage: 2,
  /** Looked, and something is not to be believed, or an expectation is not met. */
  notBelieved: 3,
  /** The kernel or the platform cannot do it. */
  notPossibleHere: 4,
} as const;

/** One of the numbers above. */
export type CommandStatus = (typeof exitStatuses)[keyof typeof exitStatuses];

/** Our own words for what no errno says. They stand in peerpid(1). */
export const problemCodes = [
  'USAGE',
  'NOT_A_SOCKET',
  'NOT_A_FILE',
  'HELD_UP',
  'NO_BPF',
  'NOTHING_CHOSEN',
  'NO_DOT',
  'NO_KOFFI',
  'NO_PROC',
  'NO_SYSTEMD',
  'NOT_DRAWN',
  'OTHER_NAMESPACE',
  'INCOMPLETE',
  'NUMBER_REFUSED',
  'NUMBER_TAKEN',
  'STAGE_ENDED',
  'STAGE_NOT_STARTED',
  'UNSUPPORTED',
  'NO_CGROUP2',
  'ALREADY_FORGED',
  'NOT_FORGED',
  'BUG',
] as const;

/** A stable word for programs: one of our own, or how the kernel refused. */
export type ProblemCode = (typeof problemCodes)[number] | RefusalCode;

/** Something that the user should know and can act upon: one line of what happened, one line of what to do. */
export class Problem extends Error {
  override readonly name = 'Problem';

  /**
   * @param code - a stable word for programs
   * @param message - what happened
   * @param hint - what to do about it
   * @param exitStatus - of the command that this ends
   */
  constructor(
    readonly code: ProblemCode,
    message: string,
    readonly hint: string,
    readonly exitStatus: CommandStatus = exitStatuses.couldNotLook,
  ) {
    super(message);
  }
}

/** The problem of a command line that makes no sense: exit status 2. */
export function wrongUsage(message: string, hint: string): Problem {
  return new Problem('USAGE', message, hint, exitStatuses.wrongUsage);
}
