import type { DiagSocket } from '../../native-probe/diag-socket.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import type { Names } from '../document/names.js';
import { type BoundInodeDocument, deviceText, type IdDocument } from '../document/socket-document.js';
import { formatAddress } from '../socket/address.js';
import { textOf } from '../words/text.js';

/** The texts of what many sockets have in common, each made once: known again by the object that they share. */
export class RepeatedTexts {
  readonly #addresses = new Map<UnixAddress, string | undefined>();
  readonly #files = new Map<NonNullable<DiagSocket['file']>, BoundInodeDocument>();
  readonly #comms = new Map<Buffer, string>();
  readonly #users = new Map<number, IdDocument>();

  constructor(private readonly names: Names) {}

  address(address: UnixAddress): string | undefined {
    if (address.kind === 'unnamed') return undefined;
    return remembered(this.#addresses, address, formatAddress);
  }

  boundInode(file: DiagSocket['file']): BoundInodeDocument | undefined {
    if (file === undefined) return undefined;
    return remembered(this.#files, file, ({ inode, device }) => ({ device: deviceText(device), inode: Number(inode) }));
  }

  comm(comm: Buffer): string {
    return remembered(this.#comms, comm, textOf);
  }

  user(id: number): IdDocument {
    return remembered(this.#users, id, () => ({ id, name: this.names.user(id) }));
  }
}

function remembered<K, V>(known: Map<K, V>, key: K, make: (key: K) => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = make(key);
    known.set(key, value);
  }
  return value;
}
