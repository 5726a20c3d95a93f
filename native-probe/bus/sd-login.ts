/** Login sessions, as sd-login(3) of libsystemd tells of them: by cgroups, and what logind keeps in /run/systemd. */
import { callByName, stringAt } from '../libc.js';
import { failedWith } from '../syscall-error.js';
import { callSystemd } from './libsystemd.js';

/** What logind keeps of a session. */
export interface LoginSession {
  readonly id: Buffer;
  /** Undefined of a session without one, such as of ssh(1). */
  readonly seat: Buffer | undefined;
  /** Whether it is in the foreground of its seat; undefined where logind does not know the session. */
  readonly isActive: boolean | undefined;
  readonly isRemote: boolean | undefined;
  /** Such as `user` or `greeter`. */
  readonly class: Buffer | undefined;
}

/**
 * The session that whoever has a PID now is in: sd_pid_get_session(3).
 *
 * @returns undefined where it is in none
 * @throws SyscallError ESRCH where nobody has the PID, EACCES
 */
export function loginSessionOf(pid: number): LoginSession | undefined {
  const id = textFrom((text) => callSystemd('sd_pid_get_session', pid, text));
  if (id === undefined) return undefined;
  const name = Buffer.concat([id, Buffer.alloc(1)]);
  return {
    id,
    seat: textFrom((text) => callSystemd('sd_session_get_seat', name, text)),
    isActive: known(() => callSystemd('sd_session_is_active', name) > 0),
    isRemote: known(() => callSystemd('sd_session_is_remote', name) > 0),
    class: textFrom((text) => callSystemd('sd_session_get_class', name, text)),
  };
}

const pointer = Buffer.alloc(8);

/** A text that the library allocates; undefined where there is none. */
function textFrom(ask: (text: Buffer) => number): Buffer | undefined {
  pointer.fill(0);
  if (known(() => ask(pointer)) === undefined) return undefined;
  const address = pointer.readBigUInt64LE();
  if (address === 0n) return undefined;
  const text = stringAt(address);
  callByName('free', [address]);
  return text;
}

/** ENODATA: there is no such fact; ENXIO: logind does not know the session. sd_pid_get_session(3), sd_session_is_active(3) */
function known<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (failedWith(error, 'ENODATA', 'ENXIO', 'ENOENT')) return undefined;
    throw error;
  }
}
