/** Sees what is done with AF_UNIX sockets on the whole machine: trace.bpf.c and messages.bpf.c, loaded and attached. */
import { statSync } from 'node:fs';

import type { Fd } from '../fd.js';
import { asSyscall, check } from '../syscall-error.js';
import { BpfObject } from './bpf-object.js';
import { callLibbpf } from './libbpf.js';
import { RingBuffer } from './ring-buffer.js';
import { parseTraceRecord, type TraceRecord } from './trace-record.js';

/** What is told besides each connect(2). */
export interface TracedCalls {
  /** accept(2) and accept4(2). */
  readonly accepts: boolean;
  /** The end of a process that connected. */
  readonly ends: boolean;
  /** sendmsg(2) and its like, and write(2), on AF_UNIX sockets. */
  readonly messages: boolean;
}

const programs = ['enter', 'leave', 'ended'] as const;

/**
 * As long as it is there each such call of the machine is told. It changes nothing of what the calls do: the programs
 * only read. The kernel takes them away with the descriptors of this process, also when it is killed.
 */
export class ConnectionTracer implements Disposable {
  readonly #object: BpfObject;
  readonly #messages: BpfObject | undefined;
  readonly #ring: RingBuffer;
  readonly #lost: number;

  /**
   * @param directory - of the compiled programs
   * @throws SyscallError ENOENT without libbpf.so.1; ProgramRefusedError as {@link BpfObject.load}
   */
  constructor(directory: string, calls: TracedCalls) {
    this.#object = BpfObject.open(directory, 'trace');
    try {
      const decided = settings(calls);
      this.#object.set(decided);
      this.#object.load(programs, calls.ends ? [] : ['ended']);
      if (calls.messages) this.#messages = messagesInto(this.#object, directory, decided);
      this.#lost = this.#object.map('lost');
      this.#ring = new RingBuffer(this.#object.map('events'));
    } catch (error) {
      this.#messages?.[Symbol.dispose]();
      this.#object[Symbol.dispose]();
      throw error;
    }
    try {
      for (const program of programs) if (calls.ends || program !== 'ended') this.#object.attach(program);
      this.#messages?.attach('left');
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Readable while there is something to {@link ConnectionTracer.take}. */
  get fd(): Fd {
    return this.#ring.fd;
  }

  /** What was done since, the oldest first, up to some hundred records. */
  take(): TraceRecord[] {
    return this.#ring.take().map(parseTraceRecord);
  }

  /** How many records found no room since the beginning, and are lost. */
  lost(): number {
    const [key, value] = [Buffer.alloc(4), Buffer.alloc(8)];
    check(callLibbpf('bpf_map_lookup_elem', this.#lost, key, value), 'bpf(BPF_MAP_LOOKUP_ELEM)');
    return Number(value.readBigUInt64LE());
  }

  [Symbol.dispose](): void {
    this.#ring[Symbol.dispose]();
    this.#messages?.[Symbol.dispose]();
    this.#object[Symbol.dispose]();
  }
}

/** messages.bpf.c, which tells into the other object's buffer. */
function messagesInto(object: BpfObject, directory: string, value: Buffer): BpfObject {
  const messages = BpfObject.open(directory, 'messages');
  try {
    messages.set(value);
    for (const map of ['events', 'lost']) messages.share(map, object);
    messages.load(['left']);
  } catch (error) {
    messages[Symbol.dispose]();
    throw error;
  }
  return messages;
}

/** struct settings */
function settings({ accepts, ends }: TracedCalls): Buffer {
  const bytes = Buffer.alloc(8);
  const namespace = '/proc/self/ns/pid';
  bytes.writeUInt32LE(asSyscall(namespace, () => statSync(namespace)).ino, 0);
  [accepts, ends].forEach((wanted, index) => bytes.writeUInt8(wanted ? 1 : 0, 4 + index));
  return bytes;
}
