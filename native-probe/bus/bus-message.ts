/** A message that came from a bus, and what is in it: no more than is asked for, and of that no more than a limit. */
import { constants } from 'node:os';

import { duplicate, type Fd } from '../fd.js';
import { bytesAt, stringAt } from '../libc.js';
import { SyscallError } from '../syscall-error.js';
import { callSystemd } from './libsystemd.js';

const types = { 1: 'call', 2: 'reply', 3: 'error', 4: 'signal' } as const;

/** What a variant holds: of a kind that peerpid does not read, its signature alone. */
export type BusValue =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: Buffer }
  | { readonly kind: 'numbers'; readonly value: readonly number[]; readonly count: number }
  | { readonly kind: 'bytes'; readonly value: Buffer; readonly count: number }
  | { readonly kind: 'descriptor'; readonly value: Fd }
  | { readonly kind: 'other'; readonly signature: string };

/** The first of some things, and how many there are. */
export interface Counted<T> {
  readonly first: readonly T[];
  readonly count: number;
}

/** An entry of a dictionary of variants. */
export interface BusEntry {
  readonly name: Buffer;
  readonly value: BusValue;
}

const code = (letter: string): number => letter.charCodeAt(0);

// Each is read before the next is asked for
const pointer = Buffer.alloc(8);
const size = Buffer.alloc(8);

/** To be disposed of, which closes the descriptors that came with it. */
export class BusMessage implements Disposable {
  #message: number;

  /** @param message - the address of an sd_bus_message, owned by this from here on */
  constructor(message: number) {
    this.#message = message;
  }

  /** Adds a string to a message that is not sent yet. */
  append(text: string): void {
    callSystemd('sd_bus_message_append_basic', this.#message, code('s'), Buffer.from(`${text}\0`));
  }

  /** @param bus - the address of an sd_bus @param cookie - has the cookie afterwards: 64 bits */
  send(bus: number, cookie: Buffer): void {
    callSystemd('sd_bus_send', bus, this.#message, cookie);
  }

  get type(): (typeof types)[keyof typeof types] | undefined {
    callSystemd('sd_bus_message_get_type', this.#message, pointer);
    return (types as Readonly<Record<number, 'call' | 'reply' | 'error' | 'signal'>>)[pointer[0] ?? 0];
  }

  /** The cookie of the call that this answers; undefined of what answers none. */
  get answers(): bigint | undefined {
    if (this.type !== 'reply' && this.type !== 'error') return undefined;
    callSystemd('sd_bus_message_get_reply_cookie', this.#message, pointer);
    return pointer.readBigUInt64LE();
  }

  /** The name of an error. */
  get error(): string {
    const error = callSystemd('sd_bus_message_get_error', this.#message);
    return error === 0 ? '' : textAt(Number(bytesAt(BigInt(error), 8).readBigUInt64LE())).toString('latin1');
  }

  /** Of a signal or a call. */
  get member(): string {
    return textAt(callSystemd('sd_bus_message_get_member', this.#message)).toString('latin1');
  }

  /** As the bus has it, which nobody else can state. */
  get sender(): string {
    return textAt(callSystemd('sd_bus_message_get_sender', this.#message)).toString('latin1');
  }

  /** The next string. @throws SyscallError ENXIO, EBADMSG where there is none */
  text(): Buffer {
    callSystemd('sd_bus_message_read_basic', this.#message, code('s'), pointer);
    return textAt(Number(pointer.readBigUInt64LE()));
  }

  /** An array of strings. @throws SyscallError as {@link text} */
  texts(most: number): Counted<Buffer> {
    const first: Buffer[] = [];
    const count = this.#each('a', 's', (index) => {
      if (index < most) first.push(this.text());
      else this.#skip('s');
    });
    return { first, count };
  }

  /** An array of dictionary entries from strings to variants. @throws SyscallError as {@link text} */
  entries(most: number, mostValues: number): Counted<BusEntry> {
    const first: BusEntry[] = [];
    try {
      const count = this.#each('a', '{sv}', (index) => {
        if (index >= most) {
          this.#skip('{sv}');
          return;
        }
        this.#within('e', 'sv', () => {
          const name = this.text();
          const signature = this.#contents();
          this.#within('v', signature, () => {
            first.push({ name, value: this.#value(signature, mostValues) });
          });
        });
      });
      return { first, count };
    } catch (error) {
      for (const { value } of first) if (value.kind === 'descriptor') value.value[Symbol.dispose]();
      throw error;
    }
  }

  #value(signature: string, most: number): BusValue {
    switch (signature) {
      case 'u':
        this.#basic('u');
        return { kind: 'number', value: pointer.readUInt32LE() };
      case 's':
      case 'o':
        this.#basic(signature);
        return { kind: 'text', value: textAt(Number(pointer.readBigUInt64LE())) };
      case 'h':
        this.#basic('h');
        // sd-bus closes its own with the message
        return { kind: 'descriptor', value: duplicate(pointer.readInt32LE()) };
      case 'ay': {
        const { bytes, length } = this.#array('y', most);
        return { kind: 'bytes', value: bytes, count: length };
      }
      case 'au': {
        const { bytes, length } = this.#array('u', 4 * most);
        const value = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(4 * index));
        return { kind: 'numbers', value, count: length / 4 };
      }
      default:
        this.#skip(signature);
        return { kind: 'other', signature };
    }
  }

  #basic(type: string): void {
    callSystemd('sd_bus_message_read_basic', this.#message, code(type), pointer);
  }

  /** @param most - bytes that are copied */
  #array(type: string, most: number): { readonly bytes: Buffer; readonly length: number } {
    callSystemd('sd_bus_message_read_array', this.#message, code(type), pointer, size);
    const length = Number(size.readBigUInt64LE());
    const address = pointer.readBigUInt64LE();
    return { bytes: length === 0 ? Buffer.alloc(0) : bytesAt(address, Math.min(length, most)), length };
  }

  /** The signature of the variant that comes next. */
  #contents(): string {
    callSystemd('sd_bus_message_peek_type', this.#message, size, pointer);
    return textAt(Number(pointer.readBigUInt64LE())).toString('latin1');
  }

  #skip(signature: string): void {
    callSystemd('sd_bus_message_skip', this.#message, signature);
  }

  /** @returns how many there were */
  #each(type: string, contents: string, look: (index: number) => void): number {
    let count = 0;
    this.#within(type, contents, () => {
      while (callSystemd('sd_bus_message_peek_type', this.#message, size, pointer) > 0) look(count++);
    });
    return count;
  }

  #within(type: string, contents: string, look: () => void): void {
    // Of an empty variant or an array that is not there
    if (callSystemd('sd_bus_message_enter_container', this.#message, code(type), contents) === 0) {
      throw new SyscallError('sd_bus_message_enter_container', constants.errno.EBADMSG);
    }
    look();
    callSystemd('sd_bus_message_exit_container', this.#message);
  }

  [Symbol.dispose](): void {
    if (this.#message !== 0) callSystemd('sd_bus_message_unref', this.#message);
    this.#message = 0;
  }
}

function textAt(address: number): Buffer {
  return address === 0 ? Buffer.alloc(0) : stringAt(BigInt(address));
}
