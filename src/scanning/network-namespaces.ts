import { type Fd, inodeOf } from '../../native-probe/fd.js';
import {
  boundNetworkNamespaces,
  inNetworkNamespace,
  isNetworkNamespace,
  networkNamespaceOfProcess,
  networkNamespaceOfSocket,
  openNetworkNamespace,
  openNetworkNamespaceOfProcess,
  ownNetworkNamespace,
} from '../../native-probe/network-namespace.js';
import { goesOn } from '../../native-probe/going-on.js';
import { fdTableOf, stillHas } from '../../native-probe/proc/fd-table.js';
import { protocolAt } from '../../native-probe/proc/socket-protocol.js';
import { processName, processStat } from '../../native-probe/proc/process.js';
import { processNumbers } from '../../native-probe/proc/held-processes.js';
import type { Holder } from '../../native-probe/proc/socket-holders.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import { dumpSockets, listInodes, listSockets, openSockDiag, socketsIn } from '../../native-probe/sock-diag.js';
import { isUnixSocket } from '../../native-probe/unix-socket.js';
import type { NetworkNamespaceDocument } from '../document/scan-document.js';
import { askHeldSocket } from '../socket/held-socket.js';
import { errnoText } from '../words/errno-text.js';
import { errorCodeOf, reading, valueOf } from '../words/reading.js';
import { escapedName, textOf } from '../words/text.js';
import type { ListedSocket } from './survey/found-sockets.js';

/** A network namespace, and by what people know it. */
type Known = { -readonly [Name in keyof NetworkNamespaceDocument]: NetworkNamespaceDocument[Name] };

/** An AF_UNIX socket that a process has open and that no list has: its namespace may not be entered, or it has just been made. */
export interface UnlistedSocket {
  readonly inode: number;
  readonly holder: Holder;
  /** Undefined where nobody can say. */
  readonly networkNamespace: number | undefined;
}

/** Whether the kernel has another name for its protocol than those of AF_UNIX: `UNIX` and `UNIX-STREAM`. */
function isOfOtherFamily({ pid, thread, fds: [fd = -1] }: Holder, inode: number): boolean {
  return protocolAt(`/proc/${pid}/${fdTableOf(thread)}/${fd}`, inode)?.startsWith('UNIX') === false;
}

function isKernelThread(pid: number): boolean {
  return valueOf(reading(() => processStat(pid)))?.isKernelThread === true;
}

/** How many times to look again for processes, where one ends just before its namespace is entered. */
const patience = 3;

/**
 * The network namespaces of this machine, and their sockets: our own; those
 * that processes live in; those bound below /run/netns; and those that are
 * kept by a socket alone. Each is entered for the list only.
 */
export class NetworkNamespaces {
  readonly #known = new Map<number, Known>();
  /** Those below /run/netns by their inode numbers. */
  readonly #paths = new Map<number, Buffer>();
  /** How many more are looked into. */
  #left = Infinity;
  /** The inode number of our own. */
  readonly own = ownNetworkNamespace();
  /** Processes whose network namespace may not be seen. */
  withoutNamespace = 0;
  /** AF_UNIX sockets that processes have open, and that no list had. */
  readonly unlisted: UnlistedSocket[] = [];
  /** The inode numbers of sockets, listed once more, by network namespace. */
  readonly #now = new Map<number, ReadonlySet<number> | undefined>();

  /** The sockets of our own network namespace. @throws SyscallError when the kernel's list cannot be had */
  listOwn(dump = dumpSockets('all')): ListedSocket[] {
    Object.assign(this.#know(this.own), { listed: true });
    return socketsIn(dump).map((socket) => ({ socket, networkNamespace: this.own }));
  }

  /** Finds the namespaces that have a process or a name, without looking into them. */
  find(): void {
    this.#findBound();
    this.#findProcesses();
  }

  /**
   * The sockets of the namespaces, besides ours, that have a process or a name.
   *
   * @param most - how many namespaces are looked into; of the others the documents tell that they are not listed
   */
  listOthers(most = Infinity): ListedSocket[] {
    this.#left = most;
    const listed = [...this.#paths].flatMap(([inode, path]) => this.#list(inode, () => openNetworkNamespace(path)));
    for (let time = 0; time < patience; time++) {
      // The process may have ended meanwhile, and another one live in the same namespace
      if (time > 0) this.#findProcesses();
      const left = [...this.#known.values()].filter(
        (known) => !known.own && !known.listed && known.process !== undefined,
      );
      if (this.#left === 0 || left.every(({ refused }) => refused !== undefined)) break;
      for (const { inode, process, refused } of left) {
        if (process === undefined || refused !== undefined) continue;
        listed.push(...this.#list(inode, () => openNetworkNamespaceOfProcess(process.pid)));
      }
    }
    return listed;
  }

  /**
   * Sockets of namespaces in which no process is seen and that have no name: each is entered through a socket that lives in
   * it. Of the others there nobody can be seen, so that only what belongs to these is taken. What is in no list then is noted.
   *
   * @param inNoList - by inode number, a holder of each socket that is in no list so far, of whatever family
   */
  listBySockets(inNoList: ReadonlyMap<number, Holder>): ListedSocket[] {
    const listed: ListedSocket[] = [];
    const left: UnlistedSocket[] = [];
    for (const [inode, holder] of inNoList) {
      goesOn();
      if (isOfOtherFamily(holder, inode)) continue;
      // The socket itself is let go before the list is made
      const asked = askHeldSocket(inode, [holder], (duplicate) =>
        isUnixSocket(duplicate) ? reading(() => networkNamespaceOfSocket(duplicate)) : undefined,
      );
      if ('value' in asked && asked.value === undefined) continue;
      if ('error' in asked && !stillHas(holder, inode)) continue;
      const opened = valueOf(asked);
      using namespace = opened && valueOf(opened);
      if (namespace !== undefined) listed.push(...this.#enter(namespace));
      left.push({ inode, holder, networkNamespace: namespace && Number(inodeOf(namespace)) });
    }
    const found = new Set(listed.map(({ socket }) => socket.inode));
    this.unlisted.push(...left.filter(({ inode }) => !found.has(inode)));
    return listed.filter(({ socket: { inode, peerInode = 0, pending = [] } }) =>
      [inode, peerInode, ...pending].some((one) => inNoList.has(one)),
    );
  }

  /** The inode numbers of the sockets that a namespace has by now; undefined where it cannot be entered once more. */
  inodesNow(namespace: number): ReadonlySet<number> | undefined {
    if (!this.#now.has(namespace)) {
      this.#now.set(namespace, namespace === this.own ? listInodes() : this.#inodesElsewhere(namespace));
    }
    return this.#now.get(namespace);
  }

  #inodesElsewhere(inode: number): ReadonlySet<number> | undefined {
    const path = this.#paths.get(inode);
    const pid = this.#known.get(inode)?.process?.pid;
    const listed = reading(() => {
      if (path === undefined && pid === undefined) return undefined;
      using namespace = path === undefined ? openNetworkNamespaceOfProcess(pid ?? 0) : openNetworkNamespace(path);
      if (Number(inodeOf(namespace)) !== inode) return undefined;
      return listInodes(() => inNetworkNamespace(namespace, openSockDiag));
    });
    return valueOf(listed);
  }

  /** What is known of each namespace, our own first. */
  get documents(): readonly NetworkNamespaceDocument[] {
    return [...this.#known.values()];
  }

  #know(inode: number): Known {
    const known = this.#known.get(inode) ?? { inode, own: inode === this.own, listed: false };
    this.#known.set(inode, known);
    return known;
  }

  #findBound(): void {
    for (const { name, path } of valueOf(reading(() => boundNetworkNamespaces())) ?? []) {
      const inode = reading(() => {
        using namespace = openNetworkNamespace(path);
        return isNetworkNamespace(namespace) ? Number(inodeOf(namespace)) : undefined;
      });
      const number = valueOf(inode);
      if (number === undefined) continue;
      this.#know(number).name ??= escapedName(name);
      this.#paths.set(number, path);
    }
  }

  #findProcesses(): void {
    for (const known of this.#known.values()) {
      delete known.processes;
      delete known.process;
    }
    this.withoutNamespace = 0;
    // In another PID namespace's /proc the numbers are not ours
    for (const pid of procIsOurs() === true ? processNumbers() : []) {
      const inode = reading(() => networkNamespaceOfProcess(pid));
      if ('error' in inode) {
        if ((inode.error.code === 'EACCES' || inode.error.code === 'EPERM') && !isKernelThread(pid))
          this.withoutNamespace++;
        continue;
      }
      const known = this.#know(inode.value);
      known.processes = (known.processes ?? 0) + 1;
      known.process ??= { pid, comm: textOf(valueOf(reading(() => processName(pid))) ?? Buffer.from('?')) };
    }
    for (const [inode, { own, listed, name, processes }] of this.#known) {
      // The namespace went with its last process
      if (!own && !listed && name === undefined && processes === undefined) this.#known.delete(inode);
    }
  }

  /** The sockets of a known namespace. What `open` opens may be another by now, if a process's number was recycled. */
  #list(inode: number, open: () => Fd): ListedSocket[] {
    if (inode === this.own || this.#know(inode).listed || this.#left === 0) return [];
    this.#left--;
    const opened = reading(open);
    using namespace = valueOf(opened);
    if (namespace !== undefined) return this.#enter(namespace);
    // The process is gone; the namespace may be found again by another one
    if (!['ENOENT', 'ESRCH'].includes(errorCodeOf(opened) ?? '')) this.#refuse(inode, opened);
    return [];
  }

  /** The sockets in a namespace, if it was not listed yet and may be entered. */
  #enter(namespace: Fd): ListedSocket[] {
    const inode = Number(inodeOf(namespace));
    const known = this.#know(inode);
    if (known.listed || known.refused !== undefined) return [];
    const list = reading(() => listSockets('all', () => inNetworkNamespace(namespace, openSockDiag)));
    if ('error' in list) {
      this.#refuse(inode, list);
      return [];
    }
    known.listed = true;
    return list.value.map((socket) => ({ socket, networkNamespace: inode }));
  }

  #refuse(inode: number, refusal: ReturnType<typeof reading>): void {
    if ('error' in refusal) this.#know(inode).refused = `${refusal.error.syscall}: ${errnoText(refusal.error.code)}`;
  }
}
