import assert from 'node:assert/strict';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';

import type { InspectDocument } from '../../src/document/inspect-document.js';
import type { ScanDocument } from '../../src/document/scan-document.js';
import { assertProblem } from '../helpers/assert-problem.js';
import { isRoot, requireThat } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Peer } from '../helpers/peers/peer.js';
import { prepareEach } from '../helpers/prepare-each.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

const properties = '--property=LoadState,ActiveState,TriggeredBy,Listen';

/** What is started in there ends with it, and nothing that is mounted is seen outside. */
const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-e', '-c'];

describe('a socket unit as SOCKET', () => {
  let directory: TemporaryDirectory;
  let server: Peer;

  before(function () {
    requireThat(this, isRoot, 'it takes root to mount');
    requireThat(this, existsSync('/usr/bin/systemctl'), 'there is no /usr/bin/systemctl to put another in its place');
  });

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start());
  });

  const withoutSystemd = [...apart, 'mount -t tmpfs none /run; exec "$@"', 'sh'];

  /** As if systemd ran, with managers of the users who have one, and systemctl were this script. */
  const withSystemctl = (script: string, ...users: number[]): string[] => {
    writeFileSync(directory.file('systemctl'), `#!/bin/sh\n${script}\n`);
    chmodSync(directory.file('systemctl'), 0o755);
    const mounts = `mount -t tmpfs none /run; mkdir -p /run/systemd/system ${users
      .map((uid) => `/run/user/${uid}/systemd/private`)
      .join(' ')}; mount --bind "$0" /usr/bin/systemctl; exec "$@"`;
    return [...apart, mounts, directory.file('systemctl')];
  };
  const listens = (...addresses: string[]): string[] =>
    withSystemctl(
      `[ "$*" = "show ${properties} -- app.socket" ] || exit 1\nprintf '%s\\n' LoadState=loaded ActiveState=active ${addresses
        .map((address) => `'Listen=${address}'`)
        .join(' ')}`,
    );

  it('is the address where it listens', async () => {
    const path = directory.file('app.sock');
    await server.do('listen', path);
    const wrapper = listens(`${path} (Stream)`, '[::]:22 (Stream)');
    const { stdout, stderr } = await runPeerpid(['inspect', '--json', 'app.socket'], { wrapper });
    assert.equal(stderr, '');
    assert.equal((JSON.parse(stdout) as InspectDocument).socket.address, path);
    const scanned = await runPeerpid(['scan', '--json', '--socket', 'app.socket'], { wrapper });
    const { sockets } = JSON.parse(scanned.stdout) as ScanDocument;
    assert.deepEqual(
      sockets.map(({ address }) => address),
      [path],
    );
  });

  it('is several where it has several', async () => {
    const [one, two] = [directory.file('one'), directory.file('two')];
    await server.do('listen', one);
    await server.do('listen', two, 'dgram');
    const wrapper = listens(`${one} (Stream)`, `${two} (Datagram)`);
    const { stdout } = await runPeerpid(['inspect', 'app.socket'], { wrapper });
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.startsWith('==>')),
      [`==> ${one} <==`, `==> ${two} <==`],
    );
    const several = await runPeerpid(['inspect', '--json', one, 'app.socket'], { wrapper });
    const lines = several.stdout.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as InspectDocument).socket.address),
      [one, one, two],
    );
    const scanned = await runPeerpid(['scan', '--json', '--socket', 'app.socket'], { wrapper });
    assert.equal((JSON.parse(scanned.stdout) as ScanDocument).sockets.length, 2);
  });

  it('is looked for in the manager of the user, where that of the system does not have it', async () => {
    const path = directory.file('app.sock');
    await server.do('listen', path);
    const script = `case "$XDG_RUNTIME_DIR $*" in
      "/run/user/0 show ${properties} -- app.socket") echo LoadState=not-found;;
      "/run/user/0 --user show ${properties} -- app.socket") echo LoadState=loaded; echo 'Listen=${path} (Stream)';;
      *) exit 1;;
    esac`;
    const { stdout } = await runPeerpid(['inspect', '--json', 'app.socket'], { wrapper: withSystemctl(script, 0) });
    assert.equal((JSON.parse(stdout) as InspectDocument).socket.address, path);
    const expected = { status: 1, message: /no unit app\.socket$/, hint: /Only the system manager was asked/ };
    await assertProblem(['inspect', 'app.socket'], expected, { wrapper: withSystemctl(script) });
  });

  it('is said not to be active, in text', async () => {
    const path = directory.file('app.sock');
    await server.do('listen', path);
    const wrapper = withSystemctl(`echo LoadState=loaded; echo ActiveState=inactive; echo 'Listen=${path} (Stream)'`);
    const { stdout, stderr } = await runPeerpid(['inspect', 'app.socket'], { wrapper });
    assert.equal(stderr, 'app.socket is inactive: systemd does not listen for it now\n');
    assert.ok(stdout.includes(`\n${path}  `), stdout);
  });

  it('is where send sends, if it is one', async () => {
    const [one, two] = [directory.file('one'), directory.file('two')];
    await server.do('listen', one, 'dgram');
    const { stdout, stderr } = await runPeerpid(['send', 'app.socket', 'x'], { wrapper: listens(`${one} (Datagram)`) });
    assert.deepEqual([stdout, stderr], ['sent 1 byte (dgram)\n', '']);
    const expected = { status: 2, message: /^app\.socket listens on 2 sockets$/, hint: new RegExp(`${one} or ${two}`) };
    const wrapper = listens(`${one} (Datagram)`, `${two} (Stream)`);
    await assertProblem(['send', 'app.socket', 'x'], expected, { wrapper });
  });

  it('has no sockets as a template, or as a service: which socket unit starts that is said', async () => {
    const loaded = 'echo LoadState=loaded';
    await assertProblem(
      ['inspect', 'app@.socket'],
      { status: 2, message: /^app@\.socket is a template/, hint: /such as app@NAME\.socket\./ },
      { wrapper: withSystemctl(loaded) },
    );
    const message = /^app\.service is a service, and only a socket unit says where it listens$/;
    await assertProblem(
      ['inspect', 'app.service'],
      { status: 1, message, hint: /^It is started by traffic to a\.socket or b\.socket: give that\. `peerpid scan/ },
      { wrapper: withSystemctl(`${loaded}; echo TriggeredBy=a.socket t.timer b.socket`) },
    );
    await assertProblem(
      ['scan', '--socket', 'app.service'],
      { status: 1, message, hint: /^`peerpid scan --listening app\.service` shows where its processes listen\./ },
      { wrapper: withSystemctl(loaded) },
    );
  });

  it('is not possible where systemd does not run, and a file of that name is a path', async () => {
    const expected = { status: 4, message: /^app\.socket is the name of a unit, and systemd/, hint: /\.\/app\.socket/ };
    await assertProblem(['inspect', 'app.socket'], expected, { wrapper: withoutSystemd });
    await assertProblem(['scan', '--socket', 'app.socket'], expected, { wrapper: withoutSystemd });
    await using here = await Peer.start({ cwd: directory.path });
    await here.do('listen', './app.socket');
    const { stdout } = await runPeerpid(['inspect', '--json', 'app.socket'], {
      wrapper: withoutSystemd,
      cwd: directory.path,
    });
    assert.equal((JSON.parse(stdout) as InspectDocument).socket.address, './app.socket');
  });

  for (const [what, script, expected] of [
    [
      'is unknown to systemd',
      'echo LoadState=not-found',
      { status: 1, message: /no unit app\.socket/, hint: /list-sockets/ },
    ],
    [
      'listens on no local socket',
      'echo LoadState=loaded; echo "Listen=[::]:22 (Stream)"',
      { status: 1, message: /on no local socket/, hint: /systemctl show app\.socket/ },
    ],
    ['cannot be asked for', 'exit 1', { status: 4, message: /failed \(exit status 1\)/, hint: /path or @name/ }],
    [
      'is not told in time',
      'sleep 600 & wait',
      { status: 4, message: /did not answer within 5 s/, hint: /path or @name/ },
    ],
    ['is told without an end', 'yes', { status: 4, message: /prints more than any unit has/, hint: /path or @name/ }],
  ] as const) {
    it(what, async () => {
      await assertProblem(['inspect', 'app.socket'], expected, { wrapper: withSystemctl(script) });
    });
  }
});
