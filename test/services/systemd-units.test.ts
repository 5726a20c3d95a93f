import assert from 'node:assert/strict';

import type { InspectDocument } from '../../src/document/inspect-document.js';
import { assertProblem } from '../helpers/assert-problem.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { assertDocument } from '../helpers/running/json-schema.js';
import { SystemdRoot } from '../helpers/machine/systemd-root.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

const plain = '[Unit]\nDefaultDependencies=no\n';

/** It says so itself when it listens. */
const listening =
  "import os, socket, time; s = socket.socket(socket.AF_UNIX); s.bind('/run/listening.sock'); s.listen(); " +
  "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'READY=1', os.environ['NOTIFY_SOCKET']); time.sleep(1000)";

const units = {
  'system/app.socket': `${plain}[Socket]\nListenStream=/run/app.sock\nListenDatagram=/run/app-datagram.sock\nListenStream=@app abstract\n`,
  'system/one@.socket': `${plain}[Socket]\nListenStream=/run/one-%i.sock\nService=app.service\n`,
  'system/app.service': `${plain}[Service]\nExecStart=/bin/sleep 1000\n`,
  'system/listening.service': `${plain}[Service]\nType=notify\nExecStart=/usr/bin/python3 -c "${listening}"\n`,
  'system/idle.socket': `${plain}[Socket]\nListenStream=/run/idle.sock\n`,
  'system/idle.service': `${plain}[Service]\nExecStart=/bin/sleep 1000\n`,
  'system/manager.service': `${plain}[Service]\nType=notify\nEnvironment=XDG_RUNTIME_DIR=/run/user/0 HOME=/root\nExecStartPre=/bin/mkdir -p /run/user/0\nDelegate=yes\nExecStart=/usr/lib/systemd/systemd --user --unit=own.target\n`,
  'user/own.target': `${plain}Wants=own.socket\n`,
  'user/own.socket': `${plain}[Socket]\nListenStream=%t/own.sock\n`,
  'user/own.service': `${plain}[Service]\nExecStart=/bin/sleep 1000\n`,
};

describe('units of a systemd that runs', () => {
  let root: SystemdRoot;

  before(async function () {
    root = await SystemdRoot.start(this, units, ['app.socket', 'one@x.socket', 'manager.service']);
  });

  after(async () => {
    // Not there where nothing could be started
    await (root as SystemdRoot | undefined)?.[Symbol.asyncDispose]();
  });

  async function inspected(unit: string): Promise<InspectDocument[]> {
    const { stdout } = await runPeerpid(['inspect', '--json', '--no-connect', unit], { wrapper: root.enter });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as InspectDocument);
  }

  it('a socket unit is each local socket that it listens on, and systemd has it', async () => {
    const documents = await inspected('app.socket');
    assert.deepEqual(
      documents.map(({ socket, credential, holders }) => [socket.address, credential?.pid, holders?.[0]?.comm]),
      [
        ['/run/app.sock', 1, 'systemd'],
        ['/run/app-datagram.sock', undefined, 'systemd'],
        ['@app abstract', 1, 'systemd'],
      ],
    );
  });

  it('an instance of a template is one; the template is none', async () => {
    assert.equal((await inspected('one@x.socket'))[0]?.socket.address, '/run/one-x.sock');
    const expected = { status: 2, message: /^one@\.socket is a template/, hint: /one@NAME\.socket/ };
    await assertProblem(['inspect', 'one@.socket'], expected, { wrapper: root.enter });
  });

  it('a unit of the user is asked of the manager of the user', async () => {
    assert.equal((await inspected('own.socket'))[0]?.socket.address, '/run/user/0/own.sock');
    const expected = { status: 1, message: /^systemd has no unit no-such\.socket$/, hint: /ists them/ };
    await assertProblem(['inspect', 'no-such.socket'], expected, { wrapper: root.enter });
  });

  it('a path of which only systemd has the listener is that of a unit', async () => {
    const { stdout } = await runPeerpid(['inspect', '--json', '/run/one-x.sock'], { wrapper: root.enter });
    assertDocument('inspect', stdout);
    const { credential, socketUnit } = JSON.parse(stdout) as InspectDocument;
    assert.equal(credential?.pid, 1);
    assert.deepEqual(socketUnit, { unit: 'one@x.socket', starts: 'app.service' });
    const text = await runPeerpid(['inspect', '@app abstract'], { wrapper: root.enter });
    assert.match(text.stdout, /^unit +app\.socket: systemd listens, and starts app\.service\.$/m);
    const ofUser = await runPeerpid(['inspect', '--json', '/run/user/0/own.sock'], { wrapper: root.enter });
    assert.deepEqual((JSON.parse(ofUser.stdout) as InspectDocument).socketUnit, {
      unit: 'own.socket',
      starts: 'own.service',
    });
  });

  it('a service that runs was given the listener by the name of its unit', async () => {
    root.run('systemctl', 'start', 'app.service');
    const [ofPath] = await inspected('app.socket');
    assert.equal(ofPath?.credential?.pid, 1);
    const service = ofPath.holders?.find(({ comm }) => comm === 'sleep');
    assert.deepEqual(
      [service?.givenAs, ofPath.holders?.find(({ pid }) => pid === 1)?.givenAs],
      ['app.socket', undefined],
    );
    const shared = ofPath.findings.find(({ id }) => id === 'shared-socket');
    assert.match(
      shared?.text ?? '',
      new RegExp(`PID ${service?.pid} was given it as app\\.socket \\(socket activation\\)`),
    );
  });

  it('a service names what starts it, and its processes are found by its name once it runs', async () => {
    const expected = {
      status: 1,
      message: /^app\.service is a service/,
      hint: /^It is started by traffic to (?:app\.socket or one@x\.socket|one@x\.socket or app\.socket): give that\./,
    };
    await assertProblem(['inspect', 'app.service'], expected, { wrapper: root.enter });
    root.run('systemctl', 'start', 'app.service');
    const { stdout } = await runPeerpid(['scan', '--json', '--listening', 'app.service'], { wrapper: root.enter });
    const { sockets } = JSON.parse(stdout) as { sockets: { address?: string }[] };
    assert.ok(
      sockets.some(({ address }) => address === '/run/app.sock'),
      stdout,
    );
  });

  it('the invocation id of a unit is the one that systemd has', async function () {
    requirePrograms(this, 'python3');
    root.run('systemctl', 'start', 'listening.service');
    const { stdout } = await runPeerpid(['inspect', '--json', '/run/listening.sock'], { wrapper: root.enter });
    const { byPidfd } = JSON.parse(stdout) as InspectDocument;
    const shown = root.run('systemctl', 'show', '--property=InvocationID', '--value', 'listening.service').trim();
    assert.match(shown, /^[0-9a-f]{32}$/);
    assert.deepEqual(
      [byPidfd?.slice, byPidfd?.unit, byPidfd?.invocationId],
      ['system.slice', 'listening.service', shown],
    );
  });

  it('one that is not started is said to be inactive', async () => {
    const { stderr, status } = await runPeerpid(['inspect', 'idle.socket'], { wrapper: root.enter });
    assert.match(
      stderr,
      /^idle\.socket is inactive: systemd does not listen for it now\npeerpid: there is no socket at /,
    );
    assert.equal(status, 1);
  });
}).timeout(60_000);
