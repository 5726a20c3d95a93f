/** Sockets of the kernel's list that may be the one which was meant. */
import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import { socketsOf } from '../../../native-probe/proc/fd-table.js';
import { processNumbers } from '../../../native-probe/proc/held-processes.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import { procHidesProcesses, procIsOurs } from '../../../native-probe/proc/system.js';
import { reading, valueOf } from '../../words/reading.js';
import { NetworkNamespaces } from '../network-namespaces.js';
import type { ListedSocket } from '../survey/found-sockets.js';
import { type Likeness, likenesses, likenessOf, type MeantSocket } from './likeness.js';

/** One such socket. */
export interface Candidate {
  readonly socket: DiagSocket;
  /** The inode number of its network namespace where that is not ours. */
  readonly elsewhere: number | undefined;
  readonly holders: readonly Holder[];
}

/** What nobody looked at. */
export interface Unseen {
  /** The kernel's list of sockets could not be had. */
  readonly list: boolean;
  /** There are network namespaces that may not be seen or entered. */
  readonly networkNamespaces: boolean;
  /** There are processes whose descriptors may not be seen. */
  readonly holders: boolean;
  /** There are more sockets, namespaces or processes than peerpid looks at for an error. */
  readonly cut: boolean;
}

/** What was found. */
export interface Candidates {
  readonly likeness: Likeness | undefined;
  readonly candidates: readonly Candidate[];
  readonly count: number;
  readonly unseen: Unseen;
}

// An error is to be told soon
const mostSockets = 100_000;
const mostNamespaces = 64;
const mostProcesses = 10_000;
const mostCandidates = 8;

/** The sockets that are like an address in the surest way, those that clients reach first. Each look is bounded. */
export function findCandidates(wanted: MeantSocket): Candidates {
  const namespaces = valueOf(reading(() => new NetworkNamespaces()));
  const own = namespaces && valueOf(reading(() => namespaces.listOwn()));
  if (namespaces === undefined || own === undefined) {
    const unseen = { list: true, networkNamespaces: true, holders: true, cut: false };
    return { likeness: undefined, candidates: [], count: 0, unseen };
  }
  const here = alike(own, wanted, namespaces.own);
  const others = tellsAll(here) ? undefined : othersOf(namespaces);
  const all = others === undefined ? here : alike([...own, ...others], wanted, namespaces.own);
  const sockets = all.sockets.slice(0, mostCandidates);
  const { holders, ...seen } = holdersOfAll(new Set(sockets.map(({ socket }) => socket.inode)));
  return {
    likeness: all.likeness,
    count: all.sockets.length,
    candidates: sockets.map(({ socket, networkNamespace }) => ({
      socket,
      elsewhere: networkNamespace === namespaces.own ? undefined : networkNamespace,
      holders: holders.get(socket.inode) ?? [],
    })),
    unseen: {
      list: false,
      networkNamespaces: others !== undefined && isAnyClosed(namespaces),
      holders: seen.forbidden,
      cut: all.cut || seen.cut || (others !== undefined && isAnyLeft(namespaces)),
    },
  };
}

/** Whether other network namespaces can tell no more. What is connected may have been accepted by a listener of another one. */
function tellsAll({ likeness, sockets: [first] }: ReturnType<typeof alike>): boolean {
  return (likeness === 'bound' && first?.socket.state !== 'connected') || likeness === 'named';
}

function othersOf(namespaces: NetworkNamespaces): ListedSocket[] {
  namespaces.find();
  return namespaces.listOthers(mostNamespaces);
}

function isAnyClosed({ documents, withoutNamespace }: NetworkNamespaces): boolean {
  return procIsOurs() !== true || withoutNamespace > 0 || documents.some(({ refused }) => refused !== undefined);
}

function isAnyLeft({ documents }: NetworkNamespaces): boolean {
  return documents.some(({ listed, refused }) => !listed && refused === undefined);
}

/** The sockets that are alike in the surest way. */
function alike(
  sockets: readonly ListedSocket[],
  wanted: MeantSocket,
  own: number,
): { readonly likeness: Likeness | undefined; readonly sockets: readonly ListedSocket[]; readonly cut: boolean } {
  const by = new Map<Likeness, ListedSocket[]>();
  for (const listed of sockets.slice(0, mostSockets)) {
    const likeness = likenessOf(listed.socket, wanted);
    if (likeness === undefined || (isVague(likeness) && listed.networkNamespace !== own)) continue;
    const others = by.get(likeness);
    if (others === undefined) by.set(likeness, [listed]);
    else others.push(listed);
  }
  const likeness = likenesses.find((one) => by.has(one));
  const found = likeness === undefined ? [] : (by.get(likeness) ?? []);
  return {
    likeness,
    sockets: found.sort((one, other) => rankOf(one.socket) - rankOf(other.socket)),
    cut: sockets.length > mostSockets,
  };
}

/** Each container has sockets of much the same names. */
function isVague(likeness: Likeness): boolean {
  return likenesses.indexOf(likeness) > likenesses.indexOf('remade');
}

/** What takes clients comes first, then what is only bound, and what is connected last. */
function rankOf({ type, state, shutdown }: DiagSocket): number {
  if (type === 'dgram' || state === 'listening') return shutdown.receive ? 1 : 0;
  return state === 'unconnected' ? 2 : 3;
}

/** Who has sockets open, as far as /proc/PID/fd shows it. */
function holdersOfAll(inodes: ReadonlySet<number>): {
  readonly holders: ReadonlyMap<number, Holder[]>;
  readonly forbidden: boolean;
  readonly cut: boolean;
} {
  const holders = new Map<number, Holder[]>([...inodes].map((inode) => [inode, []]));
  if (inodes.size === 0) return { holders, forbidden: false, cut: false };
  const pids = procIsOurs() === true ? (valueOf(reading(() => processNumbers())) ?? []) : [];
  let forbidden = procIsOurs() !== true || procHidesProcesses();
  for (const pid of pids.slice(0, mostProcesses)) {
    const refused = socketsOf(
      pid,
      inodes,
      ({ thread, comm, pidfd, pidfdId, sockets }) => {
        if (typeof pidfd !== 'number') pidfd[Symbol.dispose]();
        for (const inode of new Set(sockets.filter((_, index) => index % 2 === 1))) {
          const fds = sockets.filter((_, index) => index % 2 === 0 && sockets[index + 1] === inode);
          holders.get(inode)?.push({ pid, thread, pidfdId, comm, fds });
        }
      },
      () => undefined,
    );
    forbidden ||= refused !== undefined;
  }
  return { holders, forbidden, cut: pids.length > mostProcesses };
}
