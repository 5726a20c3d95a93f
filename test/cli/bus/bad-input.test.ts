import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

import { assertProblem } from '../../helpers/assert-problem.js';
import { libsystemdHidden } from '../../helpers/machine/libsystemd-hidden.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { BusClient, startBus } from '../../helpers/peers/bus.js';
import { answersOf, Body, LyingBus, reply } from '../../helpers/peers/lying-bus.js';
import { asUser, nobody, publicDirectory } from '../../helpers/peers/service.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

/** A listener that is no bus. */
async function listener(path: string, serve: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(path);
  await once(server, 'listening');
  return server;
}

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

  it('says that nobody has a name', async function () {
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

  it('says who would be started for a name that nobody has', async function () {
    requirePrograms(this, 'dbus-daemon');
    const name = 'org.freedesktop.login1';
    const services = '/usr/share/dbus-1/system-services';
    requireThat(this, existsSync(`${services}/${name}.service`), 'needs a service of systemd');
    using directory = publicDirectory();
    await using _daemon = await startBus(directory, { more: `<servicedir>${services}</servicedir>` });
    const address = `unix:path=${directory.file('bus')}`;
    const message = /^nobody has the name org\.freedesktop\.login1 on this bus$/;
    await assertProblem(
      ['bus', name],
      {
        status: 1,
        message,
        hint: /would start for \S+ the unit dbus-org\.freedesktop\.login1\.service, .* as root \(\/usr/,
      },
      { env: { DBUS_SYSTEM_BUS_ADDRESS: address } },
    );
    await assertProblem(['bus', '--address', address, name], {
      status: 1,
      message,
      hint: /would start for \S+ somebody\./,
    });
    const { stdout } = await runPeerpid(['bus', '--address', address]);
    assert.match(stdout, /^would start +.*\borg\.freedesktop\.login1\b/m);
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
    using _bus = await LyingBus.start(path, () => undefined);
    await assertProblem(['bus', '--timeout', '0.3', '--address', path], {
      status: 1,
      message: /did not take peerpid as its client within 0\.3 s$/,
      hint: /stopped/,
    });
  });

  it('gives up what registers it and says no names', async () => {
    using directory = publicDirectory();
    const path = directory.file('nameless');
    const answers = answersOf({});
    using _bus = await LyingBus.start(path, (call) => (call.member === 'ListNames' ? undefined : answers(call)));
    await assertProblem(['bus', '--timeout', '0.3', '--address', path], {
      status: 1,
      message: /did not list its names within 0\.3 s$/,
      hint: /stopped/,
    });
  });

  it('gives up what sends without an end', async () => {
    using directory = publicDirectory();
    const path = directory.file('flood');
    const answers = answersOf({});
    const some = Buffer.concat(Array.from({ length: 100 }, () => reply(99, 's', new Body().text(':1.7'))));
    using _bus = await LyingBus.start(path, (call, socket) => {
      if (call.member !== 'ListNames') return answers(call);
      const go = (): void => {
        while (!socket.destroyed && socket.write(some));
        socket.once('drain', go);
      };
      go();
      return undefined;
    });
    await assertProblem(['bus', '--timeout', '0.5', '--address', path], {
      status: 1,
      // libsystemd has a limit of its own
      message: /did not list its names within 0\.5 s$|says more than libsystemd takes$/,
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

  it('says that the bus takes no more clients', async function () {
    requirePrograms(this, 'dbus-daemon', 'python3');
    using directory = publicDirectory();
    await using _daemon = await startBus(directory, { more: '<limit name="max_connections_per_user">1</limit>' });
    await using _client = await BusClient.start(directory.file('bus'));
    await assertProblem(['bus', '--address', directory.file('bus')], {
      status: 1,
      message: /has no room for another client/,
      hint: /max_connections_per_user/,
    });
  });

  it('needs libsystemd.so.0', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'hides it in a mount namespace');
    await assertProblem(
      ['bus', '--address', '/run/peerpid-test-no-bus'],
      { status: 4, message: /^there is no libsystemd\.so\.0 here$/, hint: /libsystemd0/ },
      { wrapper: libsystemdHidden },
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
