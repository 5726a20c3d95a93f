import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

import { assertProblem } from '../../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { BusClient, startBus } from '../../helpers/peers/bus.js';
import { asUser, nobody, publicDirectory } from '../../helpers/peers/service.js';

/** A listener that is no bus. */
async function listener(path: string, serve: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(path);
  await once(server, 'listening');
  return server;
}

/** Takes whoever comes, and then says what it is given for each message of D-Bus. */
function greets(answer: (serial: number) => Buffer): (socket: Socket) => void {
  return (socket) => {
    let begun = false;
    let serial = 0;
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (text.includes('AUTH')) socket.write('DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n');
      if (text.includes('NEGOTIATE_UNIX_FD')) socket.write('AGREE_UNIX_FD\r\n');
      begun ||= text.includes('BEGIN');
      // One call in each, since each is waited for
      if (begun && text.includes('org.freedesktop.DBus')) socket.write(answer(++serial));
    });
  };
}

/** An answer of D-Bus. @param signature - of its body */
function reply(to: number, signature: string, body: Buffer): Buffer {
  const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
  const field = (code: number, type: string, value: Buffer): Buffer =>
    Buffer.concat([Buffer.from([code, 1, type.charCodeAt(0), 0]), value]);
  const text = (value: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(value.length);
    return Buffer.concat([length, Buffer.from(`${value}\0`)]);
  };
  const number = Buffer.alloc(4);
  number.writeUInt32LE(to);
  const fields = Buffer.concat([
    padded(field(5, 'u', number)),
    padded(field(7, 's', text('org.freedesktop.DBus'))),
    field(8, 'g', Buffer.from(`\x01${signature}\0`)),
  ]);
  const head = Buffer.alloc(16);
  head.write('l', 0);
  head[1] = 2;
  head[3] = 1;
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(to, 8);
  head.writeUInt32LE(fields.length, 12);
  return Buffer.concat([head, padded(fields), body]);
}

const ourName = Buffer.concat([Buffer.from([4, 0, 0, 0]), Buffer.from(':1.7\0')]);

describe('peerpid bus, of what is no bus, or refuses', () => {
  it('wants a name that can be one', async () => {
    for (const name of ['org', ':1', '1.2', 'org..x', '/run/bus', `a.${'b'.repeat(300)}`]) {
      await assertProblem(['bus', name], { status: 2, message: /is not a name on a bus$/, hint: /:1\.42/ });
    }
  });

  it('wants the address of a local socket', async () => {
    const wrong = ['tcp:host=localhost,port=1', 'unixexec:path=/bin/sh', '/proc/self/fd/0', ''];
    for (const address of wrong) {
      await assertProblem(['bus', '--address', address], { status: 2, message: /./, hint: /@name/ });
    }
    await assertProblem(['bus', '--system', '--session'], { status: 2, message: /--session/, hint: /./ });
  });

  it('says that there is no such bus', async () => {
    using directory = publicDirectory();
    const missing = directory.file('missing');
    const expected = { status: 1, message: /there is no socket at|does not exist|there is no/, hint: /./ };
    await assertProblem(['bus', '--address', missing], expected);
    await assertProblem(
      ['bus', '--session'],
      { status: 1, message: /there is no session bus here/, hint: /--address/ },
      {
        env: { DBUS_SESSION_BUS_ADDRESS: '', XDG_RUNTIME_DIR: '' },
      },
    );
    await assertProblem(['bus'], expected, { env: { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${missing}` } });
    await assertProblem(['bus', '--session'], expected, { env: { DBUS_SESSION_BUS_ADDRESS: `unix:path=${missing}` } });
  });

  it('says that nobody has a name, and who would be started for it', async function () {
    requirePrograms(this, 'dbus-daemon', 'python3');
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    await using _client = await BusClient.start(directory.file('bus'));
    const address = directory.file('bus');
    await assertProblem(['bus', '--address', address, 'org.example.None'], {
      status: 1,
      message: /^nobody has the name org\.example\.None on this bus$/,
      hint: /Is it running/,
    });
    await assertProblem(['bus', '--address', address, 'org.freedesktop.DBus'], {
      status: 1,
      message: /^nobody has the name org\.freedesktop\.DBus/,
      hint: /the bus itself/,
    });
  });

  it('gives up what accepts and says nothing', async () => {
    using directory = publicDirectory();
    const path = directory.file('silent');
    using _server = ended(await listener(path, () => undefined));
    await assertProblem(['bus', '--timeout', '0.3', '--address', path], {
      status: 1,
      message: /did not take peerpid as its client within 0\.3 s$/,
      hint: /--timeout/,
    });
  });

  it('gives up what authenticates and says nothing', async () => {
    using directory = publicDirectory();
    const path = directory.file('mute');
    using _server = ended(
      await listener(
        path,
        greets(() => Buffer.alloc(0)),
      ),
    );
    await assertProblem(['bus', '--timeout', '0.3', '--address', path], {
      status: 1,
      message: /did not take peerpid as its client within 0\.3 s$/,
      hint: /stopped/,
    });
  });

  it('gives up what registers it and says no names', async () => {
    using directory = publicDirectory();
    const path = directory.file('nameless');
    using _server = ended(
      await listener(
        path,
        greets((serial) => (serial === 1 ? reply(1, 's', ourName) : Buffer.alloc(0))),
      ),
    );
    await assertProblem(['bus', '--timeout', '0.3', '--address', path], {
      status: 1,
      message: /did not list its names within 0\.3 s$/,
      hint: /stopped/,
    });
  });

  it('gives up what sends without an end', async () => {
    using directory = publicDirectory();
    const path = directory.file('flood');
    const some = Buffer.concat(Array.from({ length: 100 }, () => reply(99, 's', ourName)));
    const flood = (socket: Socket): void => {
      const go = (): void => {
        while (!socket.destroyed && socket.write(some));
        socket.once('drain', go);
      };
      socket.write(reply(1, 's', ourName));
      go();
    };
    using _server = ended(
      await listener(path, (socket) => {
        greets(() => Buffer.alloc(0))(socket);
        socket.on('data', (bytes) => {
          if (bytes.includes('BEGIN')) flood(socket);
        });
      }),
    );
    await assertProblem(['bus', '--timeout', '0.5', '--address', path], {
      status: 1,
      // libsystemd has a limit of its own
      message: /did not list its names within 0\.5 s$|does not speak as a bus does: no buffer space available/,
      hint: /./,
    });
  });

  it('says that what listens there speaks no D-Bus', async () => {
    using directory = publicDirectory();
    for (const [name, words] of [
      ['http', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
      ['closes', ''],
    ] as const) {
      const path = directory.file(name);
      using _server = ended(await listener(path, (socket) => socket.end(words)));
      await assertProblem(['bus', '--timeout', '2', '--address', path], {
        status: 1,
        message: /closed the connection|does not take you|does not speak as a bus does/,
        hint: /./,
      });
    }
  });

  it('says that the bus does not take this user', async function () {
    requirePrograms(this, 'dbus-daemon', 'setpriv');
    requireThat(this, isRoot, 'root becomes another user');
    using directory = publicDirectory();
    await using _daemon = await startBus(directory, {
      more: '<policy context="mandatory"><deny user="nobody"/></policy>',
    });
    await assertProblem(
      ['bus', '--address', directory.file('bus')],
      { status: 1, message: /does not take you|closed the connection/, hint: /its log may say why|policy/ },
      { wrapper: asUser(nobody) },
    );
  });

  it('needs libsystemd.so.0', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'hides it in a mount namespace');
    const hidden = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      `mount --bind /dev/null "$(ldconfig -p | sed -n 's/.*libsystemd.so.0 .*=> //p' | head -n 1)" && exec "$@"`,
      'sh',
    ];
    await assertProblem(
      ['bus', '--address', '/run/peerpid-test-no-bus'],
      { status: 4, message: /^there is no libsystemd\.so\.0 here$/, hint: /libsystemd0/ },
      { wrapper: hidden },
    );
  });
});

function ended(server: Server): Disposable {
  return {
    [Symbol.dispose]: () => {
      server.close();
    },
  };
}
