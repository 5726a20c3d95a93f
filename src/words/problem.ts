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

/** Something that the user should know and can act upon: one line of what happened, one line of what to do. */
export class Problem extends Error {
  override readonly name = 'Problem';

  /**
   * @param code - a stable word for programs: an errno name, or one of our own such as `NOT_A_SOCKET`
   * @param message - what happened
   * @param hint - what to do about it
   * @param exitStatus - of the command that this ends
   */
  constructor(
    readonly code: string,
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
