/** The exit statuses of every command. They stand in the man pages too. */
export const exitStatuses = {
  believed: 0,
  couldNotLook: 1,
  wrongUsage: 2,
  notBelieved: 3,
  notPossibleHere: 4,
} as const;

/** Something that the user should know and can act upon: one line of what happened, one line of what to do. */
export class Problem extends Error {
  override readonly name = 'Problem';

  /**
   * @param code - a stable word for programs: an errno name, or one of our own such as `NOT_A_SOCKET`
   * @param message - what happened
   * @param hint - what to do about it
   */
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
    readonly exitStatus: (typeof exitStatuses)[keyof typeof exitStatuses] = 1,
  ) {
    super(message);
  }
}

/** What was typed does not make sense. */
export function wrongUsage(message: string, hint: string): Problem {
  return new Problem('USAGE', message, hint, exitStatuses.wrongUsage);
}
