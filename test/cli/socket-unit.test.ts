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

  /** As if systemd ran, and systemctl were this script. */
  const withSystemctl = (script: string): string[] => {
    writeFileSync(directory.file('systemctl'), `#!/bin/sh\n${script}\n`);
    chmodSync(directory.file('systemctl'), 0o755);
    const mounts =
      'mount -t tmpfs none /run; mkdir -p /run/systemd/system; mount --bind "$0" /usr/bin/systemctl; exec "$@"';
    return [...apart, mounts, directory.file('systemctl')];
  };
  const listens = (...addresses: string[]): string[] =>
    withSystemctl(
      `[ "$*" = "show --property=LoadState,Listen -- app.socket" ] || exit 1\nprintf '%s\\n' LoadState=loaded ${addresses
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
