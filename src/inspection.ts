import type { Fd } from '../native-probe/fd.js';
import {
  type Credential,
  peerCredential,
  peerGroups,
  peerPidfd,
  peerSecurityLabel,
} from '../native-probe/peer-credential.js';
import { openSocketPair } from '../native-probe/unix-socket.js';
import type { StepWords, Witness } from './evidence.js';
import { lookAtNumber, type NamedProcess, openNumber } from './named-process.js';
import { ProcessReference, type Sighting } from './process-reference.js';
import { type ProcessView, viewOf } from './process-view.js';
import { mapReading, type Reading, valueOf } from './reading.js';
import { textOf } from './text.js';

/** A credential and a kernel-given pidfd, and the processes behind the two. */
export interface IdentityFacts {
  /** Undefined inside when the kernel has no credential. */
  readonly credential: Reading<Credential | undefined>;
  /** Who has the credential's pid now; undefined when there is no pid to ask about. */
  readonly named: NamedProcess | undefined;
  /** The process that the kernel-given pidfd pins. */
  readonly pinned: Reading<ProcessView>;
  /** Whether the number and the pidfd mean one process; undefined when nothing here can tell. */
  readonly same: boolean | undefined;
  /** The kernel refuses pidfds of processes that are reaped, and refused this one: Linux 6.5 to 6.16. */
  readonly refusedAsEnded: boolean;
}

/** Everything that the kernel says of a socket's peer, gathered so that it is of one process. */
export interface PeerFacts extends IdentityFacts {
  readonly groups: Reading<readonly number[]>;
  readonly securityLabel: Reading<Buffer>;
}

/** The facts, and the pin that they were read under. */
export interface Pinned<T> extends Disposable {
  readonly facts: T;
  /** Holding it keeps the process pinned, and it tells when the process ends. */
  readonly pin: ProcessReference | undefined;
}

/**
 * Asks the kernel who is at the other end of a socket. The order matters:
 * first the pin, then /proc, then whether the pin still holds.
 *
 * @param socket - connected, or listening (its peer is then who called listen(2))
 */
export function inspectPeer(socket: Fd, witness: Witness): Pinned<PeerFacts> {
  for (let restarts = 0; ; restarts++) {
    const inspection = inspectOnce(socket, witness);
    const { facts, pin } = inspection;
    if (pin === undefined || facts.same !== false || restarts === mostRestarts) return inspection;
    if (!hasChanged(socket, facts.credential, witness)) return inspection;
    inspection[Symbol.dispose]();
  }
}

/** A listener may change hands by listen(2) at any time, but hardly this often while it is looked at. */
const mostRestarts = 3;

/** Whether another process called listen(2) since the credential was asked for: then the pidfd may be of that one. */
function hasChanged(socket: Fd, before: Reading<Credential | undefined>, witness: Witness): boolean {
  const was = valueOf(before);
  const differs = (now: Credential | undefined): boolean =>
    now?.pid !== was?.pid || now?.uid !== was?.uid || now?.gid !== was?.gid;
  const again = witness.ask(() => peerCredential(socket), {
    ...credentialWords(socket),
    concluded: (now) =>
      differs(now)
        ? 'another process called listen(2) meanwhile, so all is asked anew'
        : 'as before: no other process called listen(2) meanwhile',
  });
  return 'value' in again && differs(again.value);
}

function inspectOnce(socket: Fd, witness: Witness): Pinned<PeerFacts> {
  const credential = askCredential(socket, witness);
  const groups = askGroups(socket, witness);
  const securityLabel = askSecurityLabel(socket, witness);
  const pidfd = askPidfd(socket, witness);
  const refusedAsEnded = 'error' in pidfd && pidfd.error.code === 'EINVAL' && pidfdsAreGiven(witness);
  const { facts, pin, ...disposal } = identify(credential, pidfd, refusedAsEnded, witness);
  return { facts: { ...facts, groups, securityLabel }, pin, ...disposal };
}

/**
 * Finds the processes behind a credential and the pidfd that the kernel gave with it.
 *
 * @param pidfd - owned by what is returned
 */
export function identify(
  credential: Reading<Credential | undefined>,
  pidfd: Reading<Fd>,
  refusedAsEnded: boolean,
  witness: Witness,
): Pinned<IdentityFacts> {
  const given = valueOf(pidfd);
  const pin = given === undefined ? undefined : new ProcessReference(given);
  try {
    const pid = valueOf(credential)?.pid ?? 0;
    // It ends once and is reaped once, so the third look is of a process that changes no more
    const looked = look(pin, pid, witness) ?? look(pin, pid, witness) ?? look(pin, pid, witness);
    if (looked === undefined) throw new Error('the peer ended more than once');
    const { view, named, same } = looked;
    const pinned = mapReading(pidfd, () => required(view));
    return {
      facts: { credential, named, pinned, same, refusedAsEnded },
      pin,
      [Symbol.dispose]: () => pin?.[Symbol.dispose](),
    };
  } catch (error) {
    pin?.[Symbol.dispose]();
    throw error;
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a pinned process was not looked at');
  return value;
}

interface Look {
  readonly view: ProcessView | undefined;
  readonly named: NamedProcess | undefined;
  readonly same: boolean | undefined;
}

/** Looks at both sides; undefined when the pinned process ended or was reaped in the middle. */
function look(pin: ProcessReference | undefined, pid: number, witness: Witness): Look | undefined {
  const seen = pin === undefined ? undefined : sight(pin, witness);
  const same = pin !== undefined && seen !== undefined && pid > 0 && isSame(pin, seen, pid, witness);
  // The ids tell the number, where nothing else does
  const sighting = same === true ? { ...seen, pid } : seen;
  const view = pin === undefined || sighting === undefined ? undefined : readUnder(pin, sighting, witness);
  if (view === 'changed') return undefined;
  const named = same === true ? { view, opened: { value: pin.id } } : pid > 0 ? lookAtNumber(pid, witness) : undefined;
  if (pin?.look().state !== sighting?.state) return undefined;
  return { view, named, same };
}

function sight(pin: ProcessReference, witness: Witness): Sighting {
  const sighting = pin.look();
  witness.conclude(
    `poll and ioctl(${pin.pidfd.number}, PIDFD_GET_INFO)`,
    `${sighting.state}, pid ${sighting.pid ?? 'none'}`,
    {
      running:
        sighting.pid === 0 ? 'the pinned process lives outside this PID namespace' : 'the pinned process is alive',
      zombie: 'the pinned process has ended, and nobody has waited for it yet: its number is not free',
      exited: 'the pinned process has ended, and its number is free for others',
    }[sighting.state],
  );
  return sighting;
}

/**
 * Whether the number means the pinned process: by the ids of both pidfds, or
 * where there are none by its own number, which not every system tells.
 */
function isSame(pin: ProcessReference, sighting: Sighting, pid: number, witness: Witness): boolean | undefined {
  if (sighting.state === 'exited') return false;
  const opened = openNumber(pid, witness);
  const byNumber = sighting.pid === undefined ? undefined : sighting.pid === pid;
  if ('error' in opened && opened.error.code === 'ESRCH') return false;
  using process = valueOf(opened);
  const byId = pin.id !== undefined && process?.id !== undefined;
  const same = byId ? process.id === pin.id : byNumber;
  witness.conclude(
    byId
      ? 'compare the pidfd ids'
      : process === undefined
        ? 'compare the numbers, since the number could not be opened'
        : 'compare the numbers, since there are no pidfd ids',
    byId ? `${pin.id} and ${process.id}` : `${sighting.pid ?? 'none'} and ${pid}`,
    same === undefined
      ? 'nothing here tells the number of the pinned process'
      : same
        ? 'the number means the pinned process'
        : 'the number means another process than the pinned one',
  );
  return same;
}

function readUnder(pin: ProcessReference, sighting: Sighting, witness: Witness): ProcessView | 'changed' {
  const view = viewOf(pin, sighting);
  if (sighting.pid !== undefined && sighting.pid > 0) {
    witness.conclude(
      `read /proc/${sighting.pid}, then ioctl(${pin.pidfd.number}, PIDFD_GET_INFO)`,
      view === undefined ? `no longer pid ${sighting.pid}` : `still pid ${sighting.pid}`,
      view === undefined
        ? 'it ended meanwhile: what was read may be of another process, and is thrown away'
        : 'what was read belongs to the pinned process',
    );
  }
  return view ?? 'changed';
}

function credentialWords(socket: Fd): Pick<StepWords<Credential | undefined>, 'call' | 'answer'> {
  return {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, SO_PEERCRED)`,
    answer: (credential) =>
      credential === undefined
        ? 'pid 0, uid -1, gid -1'
        : `pid ${credential.pid}, uid ${credential.uid}, gid ${credential.gid}`,
  };
}

function askCredential(socket: Fd, witness: Witness): Reading<Credential | undefined> {
  return witness.ask(() => peerCredential(socket), {
    ...credentialWords(socket),
    concluded: (credential) => {
      if (credential === undefined) return 'the kernel has no credential for this socket';
      if (credential.pid === 0) return 'the process has no number in this PID namespace';
      return 'a number and effective ids as of connect(2), listen(2) or socketpair(2): what most services trust';
    },
  });
}

function askPidfd(socket: Fd, witness: Witness): Reading<Fd> {
  return witness.ask(() => peerPidfd(socket), {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, SO_PEERPIDFD)`,
    answer: (pidfd) => `${pidfd.number}`,
    concluded: () => 'a descriptor that pins the process, given by the kernel: its number plays no part',
    refused: (code) =>
      ({
        ENODATA: 'the kernel has no credential for this socket',
        ENOPROTOOPT: 'this kernel has no SO_PEERPIDFD (it came with Linux 6.5)',
        EINVAL: 'either the peer is reaped already (Linux 6.5 to 6.15), or the kernel has no SO_PEERPIDFD',
      })[code] ?? 'something forbids the question',
  });
}

/** Whether the kernel gives a pidfd for a socketpair of our own: then a refusal was about the peer. */
function pidfdsAreGiven(witness: Witness): boolean {
  const [one, other] = openSocketPair('stream');
  using ours = one;
  using theirs = other;
  const given = witness.ask(
    () => {
      using pidfd = peerPidfd(ours);
      return pidfd.number;
    },
    {
      call: () => `socketpair(${ours.number}, ${theirs.number}), getsockopt(${ours.number}, SOL_SOCKET, SO_PEERPIDFD)`,
      answer: (number) => `${number}`,
      concluded: () =>
        'for our own socket the kernel gives a pidfd, so it refused the other because that peer has ended',
      refused: () => 'not for our own socket either, so the refusal says nothing about the peer',
    },
  );
  return 'value' in given;
}

function askGroups(socket: Fd, witness: Witness): Reading<readonly number[]> {
  return witness.ask(() => peerGroups(socket), {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, SO_PEERGROUPS)`,
    answer: (groups) => (groups.length === 0 ? 'none' : groups.join(' ')),
  });
}

function askSecurityLabel(socket: Fd, witness: Witness): Reading<Buffer> {
  return witness.ask(() => peerSecurityLabel(socket), {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, SO_PEERSEC)`,
    answer: (label) => textOf(label),
    refused: (code) => (code === 'ENOPROTOOPT' ? 'no security module labels sockets here' : undefined),
  });
}
