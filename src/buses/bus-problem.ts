import { libsystemdName } from '../../native-probe/bus/libsystemd.js';
import { failedWith, SyscallError } from '../../native-probe/syscall-error.js';
import { type BusKind, whoWouldStart } from './activation.js';
import type { SilentBus } from './open-bus.js';
import { libsystemdPackage } from '../words/libsystemd-package.js';
import { fewOf } from '../words/few.js';
import { errnoText } from '../words/errno-text.js';
import { exitStatuses, Problem, wrongUsage } from '../words/problem.js';

/** Looks at a bus. @param address - as it is typed @throws Problem for what sd-bus answers */
export function orBusProblem<T>(address: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw busProblem(error, address);
  }
}

/** As {@link orBusProblem}, of a look that goes on. */
export async function orBusProblemLater<T>(address: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    throw busProblem(error, address);
  }
}

/** @returns the error itself where sd-bus did not answer it */
function busProblem(error: unknown, address: string): unknown {
  if (failedWith(error, 'ENOENT') && error.syscall === 'dlopen') {
    return new Problem(
      'ENOENT',
      `there is no ${libsystemdName} here`,
      `D-Bus is spoken through it: it is in ${libsystemdPackage}.`,
      exitStatuses.notPossibleHere,
    );
  }
  return error instanceof SyscallError && error.syscall.startsWith('sd_bus_') ? refusedByBus(error, address) : error;
}

function refusedByBus({ code }: SyscallError, address: string): Problem {
  switch (code) {
    case 'EPERM':
    case 'EACCES':
      return new Problem(
        code,
        `the bus at ${address} does not take you`,
        'It let you connect, and refused to authenticate you (EXTERNAL, by your user id): its policy may admit other users, such as its own, or root.',
      );
    case 'ENOBUFS':
      return new Problem(
        code,
        `the bus at ${address} has no room for another client, or says more than libsystemd takes`,
        'It may be at a limit of its own, such as max_connections_per_user of dbus-daemon(1): `peerpid scan -a`, with its address, shows who has its connections.',
      );
    case 'ECONNRESET':
    case 'ENOTCONN':
    case 'EPIPE':
      return new Problem(
        code,
        `${address} closed the connection`,
        'What listens there may be no bus, may be ending, or may not take you: its log may say why.',
      );
    default:
      return new Problem(
        code,
        `${address} does not speak as a bus does: ${errnoText(code)}`,
        'What listens there may be another service: `peerpid inspect` shows who.',
      );
  }
}

/** The problem of a bus that took the connection, and then did not do as buses do. @param timeout - milliseconds */
export function silentBus({ during, why }: SilentBus, address: string, timeout: number): Problem {
  const { code, syscall } = 'error' in why ? why.error : ({ code: 'EPROTO', syscall: '' } as const);
  if (code === 'ETIMEDOUT') {
    const what = during === 'greeting' ? 'did not take peerpid as its client' : 'did not list its names';
    return new Problem(
      code,
      `the bus at ${address} ${what} within ${timeout / 1000} s`,
      'It may be busy, stopped, at a limit of its own, or no bus at all: `peerpid inspect` shows who listens there. Wait longer with --timeout.',
    );
  }
  return new Problem(
    code,
    `the bus at ${address} does not list its names: ${syscall} (${errnoText(code)})`,
    'Its policy may forbid it to you: try as root, or as the user of the bus.',
  );
}

/** The problem of a bus that does not say what changes. */
export function notFollowed(address: string): Problem {
  return new Problem(
    'EACCES',
    `the bus at ${address} does not let you follow its names`,
    'It refused AddMatch, or did not answer in time: its policy or a limit of it may be in the way. Without --watch it may answer.',
  );
}

/** Whether a PID was typed rather than a name. */
export function isPid(typed: string): boolean {
  return /^\d{1,10}$/.test(typed);
}

/** Checks a name of D-Bus, or a PID. @throws Problem where none can be so */
export function requireBusName(typed: string): void {
  const isName =
    typed.length <= 255 &&
    (/^:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/.test(typed) ||
      /^[A-Za-z_-][A-Za-z0-9_-]*(?:\.[A-Za-z_-][A-Za-z0-9_-]*)+$/.test(typed));
  if (isName || isPid(typed)) return;
  throw wrongUsage(
    `${typed} is not a name on a bus`,
    'Give a unique name, such as :1.42, or a well-known one, such as org.freedesktop.login1, or a PID. `peerpid bus` shows them.',
  );
}

/** The problem of names that nobody has. @param activatable - for which the bus would start somebody */
export function nobodyHas(names: readonly string[], activatable: readonly string[], kind: BusKind): Problem {
  const [name = '', ...others] = names;
  const started = names.filter((one) => activatable.includes(one));
  const hint =
    name === 'org.freedesktop.DBus'
      ? 'That is the bus itself: `peerpid inspect` and the address of its socket shows it.'
      : started.length > 0
        ? startedText(started, kind)
        : 'Is it running, and on this bus? `peerpid bus` shows the names that there are; --session is the other bus.';
  return new Problem(
    'NOTHING_CHOSEN',
    `nobody has the ${isPid(name) ? 'PID' : 'name'} ${name}${others.length === 0 ? '' : ` (nor ${others.join(', ')})`} on this bus`,
    hint,
  );
}

/** Names that a hint says more of. */
const mostStarted = 3;

function startedText(names: readonly string[], kind: BusKind): string {
  const each = fewOf(names, (name) => `for ${name} ${whoWouldStart(name, kind) ?? 'somebody'}`, mostStarted);
  return `As soon as it is called, the bus would start ${each.join('; ')}. Nobody has the name until then.`;
}
