/** What sockets.bpf.c writes: a record of each descriptor of an AF_UNIX socket. socket-record.h */

/** Where each number of a record stands, in words of 32 bits; of those of 64 bits the lower half comes first. */
export const field = {
  holderId: 0,
  recordedId: 2,
  cookie: 4,
  inode: 6,
  peerInode: 7,
  networkNamespace: 8,
  holder: 9,
  thread: 10,
  fd: 11,
  recordedPid: 12,
  recordedUid: 13,
  recordedGid: 14,
  queued: 15,
  backlog: 16,
  /** SOCK_*, above it TCP_*, and in the upper half the bits of {@link recordFlag}. */
  kinds: 17,
  groupCount: 18,
  groups: 19,
} as const;

/** Of more supplementary groups a record has only how many. */
const mostGroups = 9;

/** Words in a record. */
export const recordSize = 28;

/** The lowest four are those of asksBit. */
export const recordFlag = { asks: 15, recorded: 16, alive: 32, changed: 64, ring: 128 } as const;

/** Records in one array, in which they stay as they came: nothing is made of a socket until somebody asks. */
export class SocketRecords {
  /** How many there are. */
  readonly count: number;

  /** @param words - as many as the records have, or more */
  constructor(
    private readonly words: Uint32Array,
    length = words.length,
  ) {
    this.count = Math.floor(length / recordSize);
  }

  /** One number of a record. @param index - from 0, below {@link count} */
  number(index: number, name: keyof typeof field): number {
    return this.words[index * recordSize + field[name]] ?? 0;
  }

  /** A number of 64 bits. */
  id(index: number, name: 'holderId' | 'recordedId' | 'cookie'): bigint {
    const at = index * recordSize + field[name];
    return (BigInt(this.words[at + 1] ?? 0) << 32n) | BigInt(this.words[at] ?? 0);
  }

  /** The upper half of it. */
  upper(index: number, name: 'holderId' | 'recordedId' | 'cookie'): number {
    return this.words[index * recordSize + field[name] + 1] ?? 0;
  }

  /** The bits of {@link recordFlag}. */
  flags(index: number): number {
    return this.number(index, 'kinds') >>> 16;
  }

  /** The supplementary groups of the credential, as SO_PEERGROUPS answers; undefined where there are too many for a record. */
  groups(index: number): Buffer | undefined {
    const count = this.number(index, 'groupCount');
    if (count > mostGroups) return undefined;
    const at = (index * recordSize + field.groups) * 4;
    return Buffer.from(this.words.buffer, this.words.byteOffset + at, 4 * count);
  }

  /** SOCK_STREAM and so on. */
  type(index: number): number {
    return this.number(index, 'kinds') & 0xff;
  }

  /** TCP_LISTEN and so on. */
  state(index: number): number {
    return (this.number(index, 'kinds') >>> 8) & 0xff;
  }
}
