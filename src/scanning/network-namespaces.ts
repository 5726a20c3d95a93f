import {
  boundNetworkNamespaces,
  inNetworkNamespace,
  networkNamespaceOfProcess,
  networkNamespaceOfSocket,
  openNetworkNamespace,
  openNetworkNamespaceOfProcess,
  ownNetworkNamespace,
} from '../../native-probe/network-namespace.js';
import { type Fd, inodeOf } from '../../native-probe/fd.js';
import { processStat } from '../../native-probe/proc/process.js';
import { readProcNumbers } from '../../native-probe/proc/read.js';
import { dumpSockets, listSockets, openSockDiag, socketsIn } from '../../native-probe/sock-diag.js';
import { isUnixSocket } from '../../native-probe/unix-socket.js';
import { reading, valueOf } from '../reading.js';
import { escapedName, textOf } from '../text.js';
import { askHeldSocket } from '../held-socket.js';
import type { NetworkNamespaceDocument } from './scan-document.js';
import type { Holder } from '../holders.js';
import type { ListedSocket } from './socket-source.js';

/** A network namespace, and by what people know it. */
type Known = { -readonly [Name in keyof NetworkNamespaceDocument]: NetworkNamespaceDocument[Name] };

/**
 * The network namespaces of this machine, and their sockets: our own; those
 * that processes live in; those bound below /run/netns; and those that are
 * kept by a socket alone. Each is entered for the list only.
 */
export class NetworkNamespaces {
  readonly #known = new Map<number, Known>();
  /** The inode number of ours. */
  readonly own = ownNetworkNamespace();

  /** The sockets of our own. @throws SyscallError as the kernel's list does */
  listOwn(dump = dumpSockets('all')): ListedSocket[] {
    this.#known.set(this.own, { inode: this.own, own: true, listed: true });
    return socketsIn(dump).map((socket) => ({ socket, networkNamespace: this.own }));
  }

  /** Finds where processes live, also without looking into it. */
  findProcesses(): void {
    for (const pid of readProcNumbers('/proc')) {
      const inode = valueOf(reading(() => networkNamespaceOfProcess(pid)));
      if (inode === undefined) continue;
      const known = this.#know(inode);
      known.processes = (known.processes ?? 0) + 1;
      known.process ??= { pid, comm: textOf(valueOf(reading(() => processStat(pid)))?.comm ?? Buffer.from('?')) };
    }
  }

  /** The sockets of the others that have a process or a name. */
  listOthers(): ListedSocket[] {
    const listed: ListedSocket[] = [];
    for (const { name, path } of valueOf(reading(() => boundNetworkNamespaces())) ?? []) {
      listed.push(
        ...this.#list(
          () => openNetworkNamespace(path),
          (known) => (known.name = escapedName(name)),
        ),
      );
    }
    for (const { inode, process } of [...this.#known.values()]) {
      if (process === undefined || this.#isListed(inode)) continue;
      listed.push(...this.#list(() => openNetworkNamespaceOfProcess(process.pid)));
    }
    return listed;
  }

  /** The sockets of namespaces that are known by none of the above, by a socket that a process has open. */
  listBySockets(unlisted: ReadonlyMap<number, Holder>): ListedSocket[] {
    const listed: ListedSocket[] = [];
    for (const [inode, holder] of unlisted) {
      askHeldSocket(inode, [holder], (socket) => {
        if (isUnixSocket(socket)) listed.push(...this.#list(() => networkNamespaceOfSocket(socket)));
      });
    }
    return listed;
  }

  /** What is known of each, our own first. */
  get documents(): readonly NetworkNamespaceDocument[] {
    return [...this.#known.values()];
  }

  #know(inode: number): Known {
    const known = this.#known.get(inode) ?? { inode, own: inode === this.own, listed: false };
    this.#known.set(inode, known);
    return known;
  }

  #isListed(inode: number): boolean {
    return this.#known.get(inode)?.listed === true;
  }

  /** The sockets in a namespace, if it is one, was not listed yet, and may be entered. */
  #list(open: () => Fd, also: (known: Known) => void = () => undefined): ListedSocket[] {
    const sockets = reading(() => {
      using namespace = open();
      const inode = Number(inodeOf(namespace));
      if (this.#isListed(inode)) {
        also(this.#know(inode));
        return [];
      }
      const list = listSockets('all', () => inNetworkNamespace(namespace, openSockDiag));
      const known = this.#know(inode);
      known.listed = true;
      also(known);
      return list.map((socket) => ({ socket, networkNamespace: inode }));
    });
    return valueOf(sockets) ?? [];
  }
}
