import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** What is in the body of an answer: D-Bus's way to write it, in little-endian order. */
export class Body {
  #bytes = Buffer.alloc(0);

  get bytes(): Buffer {
    return this.#bytes;
  }

  align(to: number): this {
    return this.raw(Buffer.alloc((to - (this.#bytes.length % to)) % to));
  }

  raw(bytes: Buffer): this {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    return this;
  }

  number(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return this.align(4).raw(bytes);
  }

  text(value: string): this {
    return this.number(Buffer.byteLength(value)).raw(Buffer.from(`${value}\0`));
  }

  signature(value: string): this {
    return this.raw(Buffer.from([value.length])).raw(Buffer.from(`${value}\0`));
  }

  /** @param aligned - to how many bytes an element is aligned */
  array(aligned: number, fill: (body: Body) => void): this {
    const at = this.align(4).#bytes.length;
    this.number(0).align(aligned);
    const start = this.#bytes.length;
    fill(this);
    this.#bytes.writeUInt32LE(this.#bytes.length - start, at);
    return this;
  }

  texts(values: readonly string[]): this {
    return this.array(4, (body) => {
      values.forEach((value) => body.text(value));
    });
  }

  /** Entries of a dictionary whose values are numbers, or bytes. */
  entries(values: Readonly<Record<string, number | Buffer | string>>): this {
    return this.array(8, (body) => {
      for (const [name, value] of Object.entries(values)) {
        body.align(8).text(name);
        if (typeof value === 'number') body.signature('u').number(value);
        else if (typeof value === 'string') body.signature('s').text(value);
        else body.signature('ay').array(1, (bytes) => bytes.raw(value));
      }
    });
  }
}

/** An answer of D-Bus. @param signature - of its body */
export function reply(to: number, signature: string, { bytes }: Body): Buffer {
  const head = new Body().raw(Buffer.from('l\x02\0\x01')).number(bytes.length).number(to);
  head.array(8, (fields) => {
    const field = (code: number, type: string): Body =>
      fields
        .align(8)
        .raw(Buffer.from([code]))
        .signature(type);
    field(5, 'u').number(to);
    field(7, 's').text('org.freedesktop.DBus');
    field(8, 'g').signature(signature);
  });
  return Buffer.concat([head.align(8).bytes, bytes]);
}

/** A call that came: its number, its member, and what it is about. */
export interface BusCall {
  readonly serial: number;
  readonly member: string;
  readonly argument: string;
}

/** The calls in what was received; each of peerpid's is short. */
function* callsIn(bytes: Buffer): Generator<BusCall> {
  for (let at = 0; at + 16 <= bytes.length;) {
    const [body, fields] = [bytes.readUInt32LE(at + 4), bytes.readUInt32LE(at + 12)];
    const start = at + 16 + Math.ceil(fields / 8) * 8;
    const head = bytes.toString('latin1', at + 16, start);
    const member = /\x03\x01s\0.{4}(\w+)\0/s.exec(head)?.[1] ?? '';
    const argument = body === 0 ? '' : bytes.toString('latin1', start + 4, start + body - 1);
    yield { serial: bytes.readUInt32LE(at + 8), member, argument };
    at = start + body;
  }
}

/** A service at a path that speaks D-Bus, and answers what a test wants. */
export class LyingBus implements Disposable {
  private constructor(private readonly server: Server) {}

  /** @param answer - what it says to a call; nothing for undefined */
  static async start(path: string, answer: (call: BusCall, socket: Socket) => Buffer | undefined): Promise<LyingBus> {
    const server = createServer((socket) => {
      let begun = false;
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        let rest = bytes;
        if (!begun) {
          const text = bytes.toString('latin1');
          if (text.includes('AUTH')) socket.write('DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n');
          if (text.includes('NEGOTIATE_UNIX_FD')) socket.write('AGREE_UNIX_FD\r\n');
          const end = text.indexOf('BEGIN\r\n');
          begun = end >= 0;
          if (!begun) return;
          rest = bytes.subarray(end + 'BEGIN\r\n'.length);
        }
        for (const call of callsIn(rest)) {
          const said = answer(call, socket);
          if (said !== undefined) socket.write(said);
        }
      });
    }).listen(path);
    await once(server, 'listening');
    return new LyingBus(server);
  }

  [Symbol.dispose](): void {
    this.server.close();
  }
}

/** What a bus says that has these connections, by their unique names: their credentials. */
export function answersOf(
  connections: Readonly<Record<string, Readonly<Record<string, number | Buffer | string>>>>,
): (call: BusCall) => Buffer | undefined {
  return ({ serial, member, argument }) => {
    switch (member) {
      case 'Hello':
        return reply(serial, 's', new Body().text(':1.0'));
      case 'ListNames':
        return reply(serial, 'as', new Body().texts(['org.freedesktop.DBus', ':1.0', ...Object.keys(connections)]));
      case 'ListActivatableNames':
        return reply(serial, 'as', new Body().texts([]));
      case 'GetConnectionCredentials':
        return reply(serial, 'a{sv}', new Body().entries(connections[argument] ?? { ProcessID: process.pid }));
      default:
        return undefined;
    }
  };
}
