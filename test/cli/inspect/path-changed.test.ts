import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { whyNoStrace } from '../../helpers/machine/strace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Python } from '../../helpers/peers/python.js';
import { nobody } from '../../helpers/peers/service.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

/** Listens on own.sock, and turns the link app.sock between that and a trusted socket as fast as it can. */
const swapper = `
import os, socket, sys, threading
os.setgroups([]); os.setgid(65534); os.setuid(65534)
d, trusted = sys.argv[1], sys.argv[2]
s = socket.socket(socket.AF_UNIX); s.bind(f'{d}/own.sock'); s.listen(4096); os.chmod(f'{d}/own.sock', 0o777)
os.symlink(trusted, f'{d}/app.sock')
kept = []
def accept():
    while True: kept.append(s.accept()[0])
def end():
    sys.stdin.read(); os._exit(0)
for f in (accept, end): threading.Thread(target=f, daemon=True).start()
print('ready', flush=True)
os.symlink(trusted, f'{d}/a'); os.symlink(f'{d}/own.sock', f'{d}/b')
while True:
    os.rename(f'{d}/a', f'{d}/app.sock'); os.symlink(trusted, f'{d}/a')
    os.rename(f'{d}/b', f'{d}/app.sock'); os.symlink(f'{d}/own.sock', f'{d}/b')
`;

const runs = 20;

const withoutProc = [
  // Or there would be hardly a turn between the two looks
  ...['strace', '-f', '-o', '/dev/null', '-e', 'trace=connect', '-e', 'inject=connect:delay_enter=5000'],
  ...['unshare', '--mount', 'sh', '-c', 'while umount --lazy /proc 2> /dev/null; do :; done; exec "$@"', 'sh'],
];

for (const [where, wrapper] of [
  ['with /proc', []],
  ['without /proc', withoutProc],
] as const) {
  it(`root's file never stands beside nobody's peer, while a link is turned: ${where}`, async function () {
    requireThat(this, isRoot, 'needs root, for a file of root beside one of nobody');
    requirePrograms(this, 'unshare', 'umount', 'python3', 'strace');
    const why = whyNoStrace();
    requireThat(this, why === undefined, why ?? '');
    using directory = new TemporaryDirectory();
    mkdirSync(directory.file('theirs'));
    chownSync(directory.file('theirs'), nobody, nobody);
    await using trusted = await Peer.start();
    await trusted.do('listen', directory.file('trusted'), 'stream', 1024);
    chmodSync(directory.file('trusted'), 0o777);
    await using _ = await Python.start(swapper, [], directory.file('theirs'), directory.file('trusted'));
    const peers = new Set<number | undefined>();
    let changes = 0;
    for (let run = 0; run < runs; run++) {
      const { stdout, status } = await runPeerpid(['inspect', '--json', directory.file('theirs/app.sock')], {
        wrapper,
      });
      const document = JSON.parse(stdout) as Partial<InspectDocument>;
      if (document.socket === undefined) continue;
      const { owner } = document.socket;
      const uid = document.credential?.uid;
      peers.add(uid);
      assert.ok(owner === undefined || owner.id === uid, stdout);
      const isChanged = document.findings?.some(({ id }) => id === 'path-changed') === true;
      assert.equal(status, isChanged ? 3 : 0);
      if (isChanged) assert.equal(owner, undefined);
      if (where === 'with /proc') assert.ok(owner !== undefined);
      changes += Number(isChanged);
    }
    assert.ok(where === 'with /proc' ? changes === 0 : changes > 0, `${changes} changes`);
    // Both came up, so that the link did turn meanwhile
    assert.deepEqual([...peers].sort(), [0, nobody]);
  });
}
