import { type Credential, groupsIn, labelIn } from '../../../native-probe/peer-credential.js';
import { asksBit, column, hasCredential } from '../../../native-probe/socket-answers.js';
import { type PassOption, passOptions } from '../../../native-probe/socket-kinds.js';
import type { Survey } from '../../../native-probe/survey.js';
import { errnoName } from '../../../native-probe/syscall-error.js';
import type { Reading } from '../../words/reading.js';

/** One array for each set of options, which tens of thousands of rows share. */
const asksByBits: readonly (readonly PassOption[])[] = Array.from({ length: asksBit.unknown }, (_, bits) =>
  passOptions.filter((option) => (bits & asksBit[option]) !== 0),
);

/** What is asked for only where a peer is to be told in full. */
export interface Details {
  readonly groups: Reading<readonly number[]>;
  readonly securityLabel: Reading<Buffer>;
}

/** What a socket answered, in a row of the survey. Sockets that answered alike share one: {@link DistinctAnswers}. */
export class Answers {
  /** SO_PEERCRED, in our namespaces; undefined inside where the kernel has no credential. */
  readonly credential: Reading<Credential | undefined>;
  /** What the socket asks to be told of the senders of its messages. */
  readonly asks: Reading<readonly PassOption[]>;
  /** Answers with the same key are about the same peer under the same number. */
  readonly peerKey: string;

  constructor(
    private readonly survey: Pick<Survey, 'rows' | 'longAnswers'>,
    private readonly at: number,
  ) {
    this.credential = this.#credential();
    const asks = asksByBits[this.#number('asks')];
    this.asks = asks === undefined ? { error: { syscall: 'getsockopt(SO_PASS*)', code: 'EPERM' } } : { value: asks };
    this.peerKey = this.#peerKey();
  }

  #number(name: keyof typeof column): number {
    return this.survey.rows[this.at + column[name]] ?? 0;
  }

  #credential(): Reading<Credential | undefined> {
    const errno = this.#number('credentialErrno');
    if (errno !== 0) return { error: { syscall: 'getsockopt(SO_PEERCRED)', code: errnoName(errno) } };
    if (!hasCredential(this.survey.rows, this.at)) return { value: undefined };
    return { value: { pid: this.#number('pid'), uid: this.#number('uid') >>> 0, gid: this.#number('gid') >>> 0 } };
  }

  /** The pidfd id of SO_PEERPIDFD; undefined inside before Linux 6.9. */
  get pidfdId(): Reading<bigint | undefined> {
    const errno = this.#number('pidfdErrno');
    if (errno !== 0) return { error: { syscall: 'getsockopt(SO_PEERPIDFD)', code: errnoName(errno) } };
    const id = (BigInt(this.#number('idHigh') >>> 0) << 32n) | BigInt(this.#number('idLow') >>> 0);
    return { value: id === 0n ? undefined : id };
  }

  /** Undefined where details were not asked for, or there is no credential. */
  get details(): Details | undefined {
    const groups = this.#long('groups', 'SO_PEERGROUPS', groupsIn);
    const securityLabel = this.#long('label', 'SO_PEERSEC', labelIn);
    return groups && securityLabel && { groups, securityLabel };
  }

  #long<T>(name: 'groups' | 'label', option: string, decode: (answer: Buffer) => T): Reading<T> | undefined {
    const number = this.#number(name);
    if (number < 0) return { error: { syscall: `getsockopt(${option})`, code: errnoName(-number) } };
    const answer = this.survey.longAnswers[number - 1];
    return answer && { value: decode(Buffer.from(answer)) };
  }

  #peerKey(): string {
    const { rows } = this.survey;
    const none = this.#number('uid') === -1 ? '-' : '';
    const own = isWithoutId(rows, this.at) ? `:${this.#number('inode')}` : '';
    const id = `${this.#number('idHigh')}:${this.#number('idLow')}`;
    return `${id}:${this.#number('pid')}${none}:${this.#number('pidfdErrno')}:${this.#number('credentialErrno')}${own}`;
  }
}

/** Before Linux 6.9 nothing tells whether the pidfds of two sockets are of one process. */
function isWithoutId(rows: Int32Array, at: number): boolean {
  return rows[at + column.idLow] === 0 && rows[at + column.idHigh] === 0 && rows[at + column.pidfdErrno] === 0;
}

/** The columns of the answers are adjacent, from this one to {@link lastAnswer}. */
const firstAnswer: number = column.credentialErrno;
const lastAnswer: number = column.label;

/**
 * The answers in the rows of a survey. Thousands of sockets answer the same,
 * and have one object: what follows from it is concluded once.
 */
export class DistinctAnswers {
  /** By a hash, the distinct answers that have this hash. */
  readonly #known = new Map<number, { readonly at: number; readonly answers: { readonly value: Answers } }[]>();

  constructor(private readonly survey: Pick<Survey, 'rows' | 'longAnswers'>) {}

  /** What was answered in the row that begins at an index. */
  in(at: number): { readonly value: Answers } {
    const hash = this.#hash(at);
    let alike = this.#known.get(hash);
    if (alike === undefined) this.#known.set(hash, (alike = []));
    for (const one of alike) if (this.#areSame(one.at, at)) return one.answers;
    const answers = { value: new Answers(this.survey, at) };
    alike.push({ at, answers });
    return answers;
  }

  #hash(at: number): number {
    const { rows } = this.survey;
    let hash = isWithoutId(rows, at) ? (rows[at + column.inode] ?? 0) : 0;
    for (let index = at + firstAnswer; index <= at + lastAnswer; index++) {
      hash = Math.imul(hash ^ (rows[index] ?? 0), 0x01000193); // as FNV-1a does
      hash ^= hash >>> 15;
    }
    return hash;
  }

  #areSame(one: number, other: number): boolean {
    const { rows } = this.survey;
    for (let index = firstAnswer; index <= lastAnswer; index++) {
      if (rows[one + index] !== rows[other + index]) return false;
    }
    return !isWithoutId(rows, one) || rows[one + column.inode] === rows[other + column.inode];
  }
}
