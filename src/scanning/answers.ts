import type { Credential } from '../../native-probe/peer-credential.js';
import { asksBit, column } from '../../native-probe/socket-answers.js';
import { errnoName } from '../../native-probe/syscall-error.js';
import type { Reading } from '../reading.js';
import type { Asked } from '../document.js';

const allAsked: readonly Asked[] = ['cred', 'pidfd', 'sec', 'rights'];

/** Each set of options is one array, of which tens of thousands of rows take theirs. */
const askedByBits: readonly (readonly Asked[])[] = Array.from({ length: asksBit.unknown }, (_, bits) =>
  allAsked.filter((asked) => (bits & asksBit[asked]) !== 0),
);

/** What one socket answered, in a row of the survey. */
export class Answers {
  #peerKey: string | undefined;

  constructor(
    private readonly rows: Int32Array,
    private readonly at: number,
    private readonly holder: number,
  ) {}

  /** Whose descriptor it was asked on. */
  get askedOf(): { readonly pid: number; readonly fd: number } {
    return { pid: this.holder, fd: this.#number('fd') };
  }

  #number(name: keyof typeof column): number {
    return this.rows[this.at + column[name]] ?? 0;
  }

  /** SO_PEERCRED, in our namespaces; undefined inside where the kernel has no credential. */
  get credential(): Reading<Credential | undefined> {
    const errno = this.#number('credentialErrno');
    if (errno !== 0) return { error: { syscall: 'getsockopt(SO_PEERCRED)', code: errnoName(errno) } };
    const pid = this.#number('pid');
    const uid = this.#number('uid');
    const gid = this.#number('gid');
    if (pid === 0 && uid === -1 && gid === -1) return { value: undefined };
    return { value: { pid, uid: uid >>> 0, gid: gid >>> 0 } };
  }

  /** The pidfd id of SO_PEERPIDFD; undefined inside before Linux 6.9. */
  get pidfdId(): Reading<bigint | undefined> {
    const errno = this.#number('pidfdErrno');
    if (errno !== 0) return { error: { syscall: 'getsockopt(SO_PEERPIDFD)', code: errnoName(errno) } };
    const id = (BigInt(this.#number('idHigh') >>> 0) << 32n) | BigInt(this.#number('idLow') >>> 0);
    return { value: id === 0n ? undefined : id };
  }

  /** What the socket asks to be told of the senders of its messages. */
  get asks(): Reading<readonly Asked[]> {
    const bits = this.#number('asks');
    const asked = askedByBits[bits];
    return asked === undefined ? { error: { syscall: 'getsockopt(SO_PASS*)', code: 'EPERM' } } : { value: asked };
  }

  /** What the peer's identity follows from: rows with the same key have the same peer under the same number. */
  get peerKey(): string {
    return (this.#peerKey ??= this.#makePeerKey());
  }

  #makePeerKey(): string {
    const { rows, at } = this;
    const id = `${rows[at + column.idHigh] ?? 0}:${rows[at + column.idLow] ?? 0}`;
    const own = id === '0:0' && rows[at + column.pidfdErrno] === 0 ? `:${this.#number('inode')}` : '';
    const none = rows[at + column.uid] === -1 ? '-' : '';
    return `${id}:${this.#number('pid')}${none}:${this.#number('pidfdErrno')}:${this.#number('credentialErrno')}${own}`;
  }
}
