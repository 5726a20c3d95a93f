/** How a process is given sockets when it is started: sd_listen_fds(3). */

/** What a process was given, by its environment. */
export interface Activation {
  /** A name for each descriptor, beginning with {@link firstGiven}; fewer where none was given. */
  readonly names: readonly Buffer[];
  readonly count: number;
}

/** SD_LISTEN_FDS_START */
const firstGiven = 3;

/**
 * What a process was given when it was started. Its environment is its own, and it may have changed it.
 *
 * @param environment - `NAME=value`, the first of a name counts
 * @param pid - its number in its own PID namespace: the variables are inherited by children that they are not for
 * @returns undefined where it was given nothing, or another process was
 */
export function activationIn(environment: readonly Buffer[], pid: number): Activation | undefined {
  const valueOf = (name: string): Buffer | undefined =>
    environment
      .find((one) => one.subarray(0, name.length + 1).equals(Buffer.from(`${name}=`)))
      ?.subarray(name.length + 1);
  const count = numberIn(valueOf('LISTEN_FDS'));
  if (numberIn(valueOf('LISTEN_PID')) !== pid || count === undefined || count === 0) return undefined;
  return { count, names: namesIn(valueOf('LISTEN_FDNAMES')) };
}

/** The longest that a name may be. sd_pid_notify_with_fds(3) */
const longestName = 255;

/** The name under which a descriptor was given; null for one that was given without, undefined for one that was not. */
export function givenName({ count, names }: Activation, fd: number): Buffer | null | undefined {
  const index = fd - firstGiven;
  if (index < 0 || index >= count) return undefined;
  const name = names[index];
  return name === undefined || name.length === 0 || name.length > longestName ? null : name;
}

function numberIn(value: Buffer | undefined): number | undefined {
  const text = value?.toString('latin1') ?? '';
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function namesIn(value: Buffer | undefined): Buffer[] {
  const names: Buffer[] = [];
  for (let rest = value; rest !== undefined;) {
    const colon = rest.indexOf(':');
    names.push(rest.subarray(0, colon < 0 ? rest.length : colon));
    rest = colon < 0 ? undefined : rest.subarray(colon + 1);
  }
  return names;
}
