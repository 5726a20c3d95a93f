/** One record of trace.bpf.c or messages.bpf.c, as trace-event.h has it. */
import type { SocketType } from '../socket-kinds.js';
import { decodeName, type UnixAddress } from '../unix-address.js';
import { typeOfNumber } from '../unix-socket.js';

/** A process as BPF saw it when the call ended. Ids are those of the initial user namespace. */
export interface RecordedProcess {
  /** Undefined before Linux 6.9. */
  readonly pidfdId: bigint | undefined;
  /** Of who made the call: nanoseconds since boot. */
  readonly started: bigint | undefined;
  /** In our PID namespace, 0 for none there. */
  readonly pid: number;
  /** Effective, as SO_PEERCRED has it. */
  readonly uid: number;
  readonly gid: number;
  readonly realUid: number;
  readonly comm: Buffer;
}

/** A path, as far as it was read. */
export interface RecordedPath {
  readonly path: Buffer;
  /** It has more components above. */
  readonly cut: boolean;
}

export type RecordKind = 'connect' | 'accept' | 'end' | 'message';

export interface TraceRecord {
  readonly kind: RecordKind;
  /** Nanoseconds since boot, at the end of the call. */
  readonly time: bigint;
  /** Nanoseconds that the call took; undefined where its beginning was not seen. */
  readonly took: bigint | undefined;
  /** What the call returned, or a negated errno. */
  readonly result: number;
  readonly client: RecordedProcess;
  readonly thread: number;
  /** The process of record at the other end; undefined where the kernel has none. */
  readonly server: (RecordedProcess & { readonly alive: boolean }) | undefined;
  /** The inode number of the socket that the call was made on. */
  readonly inode: number;
  /** Of the other end: of a listener, where the kernel tells it (Linux 6.10), or of a datagram socket. */
  readonly otherInode: number | undefined;
  /** Tells apart the server's ends of connections. */
  readonly serverEnd: bigint;
  readonly type: SocketType | undefined;
  /** The inode number of the network namespace. */
  readonly networkNamespace: number;
  readonly address: UnixAddress;
  /** The address is what was in the client's memory after the call, rather than what the kernel has. */
  readonly isClaimed: boolean;
  readonly executable: RecordedPath | undefined;
  /** The working directory, where the address is relative. */
  readonly directory: RecordedPath | undefined;
  /** The directory of its cgroup of version 2. */
  readonly cgroup: RecordedPath;
  /** Of a 32-bit program. */
  readonly isCompat: boolean;
  /** The descriptor was another socket after the call than before. */
  readonly isSwapped: boolean;
  /** Who the message says sent it (SCM_CREDENTIALS). */
  readonly stated: { readonly pid: number; readonly uid: number; readonly gid: number } | undefined;
  /** Of a process that has ended, as wait(2) gives it. */
  readonly waitStatus: number;
}

const kinds: readonly (RecordKind | undefined)[] = [undefined, 'connect', 'accept', 'end', 'message'];

/** enum flag */
const flags = {
  claimed: 1,
  swapped: 2,
  compat: 4,
  alive: 8,
  exeCut: 16,
  directoryCut: 32,
  cgroupCut: 64,
  stated: 128,
  timed: 256,
} as const;

/** Offsets in struct event, and the sizes of what is in it. */
const at = {
  time: 0,
  took: 8,
  socket: 16,
  other: 24,
  serverEnd: 32,
  kind: 40,
  result: 44,
  flags: 48,
  type: 52,
  networkNamespace: 56,
  thread: 60,
  waitStatus: 64,
  stated: 68,
  lengths: 80,
  client: 88,
  server: 136,
  address: 184,
  text: 312,
} as const;
const commSize = 16;

/** @param bytes - of one record; @throws Error for another size: the object and this file are not of one version */
export function parseTraceRecord(bytes: Buffer): TraceRecord {
  const kind = kinds[bytes.readUInt32LE(at.kind)];
  if (bytes.length < at.text || kind === undefined) throw new Error(`a record of ${bytes.length} bytes is not known`);
  const set = bytes.readUInt32LE(at.flags);
  const has = (flag: number): boolean => (set & flag) !== 0;
  const [exeLength, directoryLength, cgroupLength, addressLength] = [0, 2, 4, 6].map((offset) =>
    bytes.readUInt16LE(at.lengths + offset),
  ) as [number, number, number, number];
  const server = processAt(bytes, at.server);
  const other = Number(bytes.readBigUInt64LE(at.other));
  return {
    kind,
    time: bytes.readBigUInt64LE(at.time),
    took: has(flags.timed) ? bytes.readBigUInt64LE(at.took) : undefined,
    result: bytes.readInt32LE(at.result),
    client: processAt(bytes, at.client),
    thread: bytes.readUInt32LE(at.thread),
    server:
      server.pid === 0 && server.pidfdId === undefined && !has(flags.alive)
        ? undefined
        : { ...server, alive: has(flags.alive) },
    inode: Number(bytes.readBigUInt64LE(at.socket)),
    otherInode: other === 0 ? undefined : other,
    serverEnd: bytes.readBigUInt64LE(at.serverEnd),
    type: typeOfNumber(bytes.readUInt32LE(at.type)),
    networkNamespace: bytes.readUInt32LE(at.networkNamespace),
    address: decodeName(bytes.subarray(at.address, at.address + addressLength)),
    isClaimed: has(flags.claimed),
    executable: exeLength === 0 ? undefined : pathAt(bytes, at.text, exeLength, has(flags.exeCut)),
    directory:
      directoryLength === 0 ? undefined : pathAt(bytes, at.text + exeLength, directoryLength, has(flags.directoryCut)),
    cgroup: pathAt(bytes, at.text + exeLength + directoryLength, cgroupLength, has(flags.cgroupCut)),
    isCompat: has(flags.compat),
    isSwapped: has(flags.swapped),
    stated: has(flags.stated)
      ? {
          pid: bytes.readUInt32LE(at.stated),
          uid: bytes.readUInt32LE(at.stated + 4),
          gid: bytes.readUInt32LE(at.stated + 8),
        }
      : undefined,
    waitStatus: bytes.readUInt32LE(at.waitStatus),
  };
}

function processAt(bytes: Buffer, offset: number): RecordedProcess {
  const [id, started] = [bytes.readBigUInt64LE(offset), bytes.readBigUInt64LE(offset + 8)];
  const comm = bytes.subarray(offset + 32, offset + 32 + commSize);
  const end = comm.indexOf(0);
  return {
    pidfdId: id === 0n ? undefined : id,
    started: started === 0n ? undefined : started,
    pid: bytes.readUInt32LE(offset + 16),
    uid: bytes.readUInt32LE(offset + 20),
    gid: bytes.readUInt32LE(offset + 24),
    realUid: bytes.readUInt32LE(offset + 28),
    comm: end < 0 ? comm : comm.subarray(0, end),
  };
}

/** The components come with the last one first, each with a NUL after it. */
function pathAt(bytes: Buffer, offset: number, length: number, cut: boolean): RecordedPath {
  const components: Buffer[] = [];
  for (let start = offset; start < offset + length;) {
    const end = bytes.indexOf(0, start);
    if (end < start) break;
    components.push(bytes.subarray(start, end));
    start = end + 1;
  }
  const slash = Buffer.from('/');
  const whole = components.reverse().flatMap((component) => [slash, component]);
  return { path: Buffer.concat(whole.length === 0 ? [slash] : cut ? whole.slice(1) : whole), cut };
}
