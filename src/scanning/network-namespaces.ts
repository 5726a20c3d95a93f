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
import { processName } from '../../native-probe/proc/process.js';
import { processNumbers } from '../../native-probe/proc/held-processes.js';
import type { Holder } from '../../native-probe/proc/socket-holders.js';
import { procIsOurs } from '../../native-probe/proc/system.js';
import { dumpSockets, listSockets, openSockDiag, socketsIn } from '../../native-probe/sock-diag.js';
import { isUnixSocket } from '../../native-probe/unix-socket.js';
import type { NetworkNamespaceDocument } from '../document/scan-document.js';
import { askHeldSocket } from '../socket/held-socket.js';
import { errnoText } from '../words/errno-text.js';
import { errorCodeOf, reading, valueOf } from '../words/reading.js';
import { escapedName, textOf } from '../words/text.js';
import type { ListedSocket } from './survey/found-sockets.js';

/** A network namespace, and by what people know it. */
type Known = { -readonly [Name in keyof NetworkNamespaceDocument]: NetworkNamespaceDocument[Name] };

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
  /** Processes and sockets whose network namespace may not be seen. */
  readonly withoutNamespace = { processes: 0, sockets: 0 };

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
      const left = [...this.#known.values()].filter((known) => !known.listed && known.process !== undefined);
      if (this.#left === 0 || left.every(({ refused }) => refused !== undefined)) break;
      for (const { inode, process, refused } of left) {
        if (process === undefined || refused !== undefined) continue;
        listed.push(...this.#list(inode, () => openNetworkNamespaceOfProcess(process.pid)));
      }
    }
    return listed;
  }

  /**
   * The sockets of namespaces without a process and a name: each is entered through a socket that lives in it.
   *
   * @param unlisted - by inode number, a holder of each socket that is in no list so far
   */
  listBySockets(unlisted: ReadonlyMap<number, Holder>): ListedSocket[] {
    const listed: ListedSocket[] = [];
    for (const [socket, holder] of unlisted) {
      // The socket itself is let go before the list is made
      const asked = askHeldSocket(socket, [holder], (duplicate) =>
        isUnixSocket(duplicate) ? reading(() => networkNamespaceOfSocket(duplicate)) : undefined,
      );
      const opened = valueOf(asked);
      if (opened === undefined) continue;
      using namespace = valueOf(opened);
      if (namespace === undefined) this.withoutNamespace.sockets++;
      else listed.push(...this.#enter(namespace));
    }
    return listed;
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
    this.withoutNamespace.processes = 0;
    // In another PID namespace's /proc the numbers are not ours
    for (const pid of procIsOurs() === true ? processNumbers() : []) {
      const inode = reading(() => networkNamespaceOfProcess(pid));
      if ('error' in inode) {
        if (inode.error.code === 'EACCES' || inode.error.code === 'EPERM') this.withoutNamespace.processes++;
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
    if (this.#know(inode).listed || this.#left === 0) return [];
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
