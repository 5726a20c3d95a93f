import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Python } from '../../helpers/peers/python.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { inspect } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('the name that a socket was bound to', () => {
  let directory: TemporaryDirectory;
  let server: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start({ cwd: directory.path }));
  });

  /** By connecting, and without. */
  const namesOf = async (path: string): Promise<(string | undefined)[]> => {
    const [connected, looked] = [await inspect(path), await inspect(['--no-connect', path])];
    assert.deepEqual(connected.socket.boundAddress, looked.socket.boundAddress);
    return [connected.socket.address, connected.socket.boundAddress];
  };

  it('is shown beside a symbolic link, a new name and the whole path of a relative one', async () => {
    const path = directory.file('app.sock');
    await server.do('listen', path);
    symlinkSync('app.sock', directory.file('link'));
    assert.deepEqual(await namesOf(directory.file('link')), [directory.file('link'), path]);
    const { stdout } = await runPeerpid(['inspect', directory.file('link')]);
    assert.ok(stdout.includes(`\n${directory.file('link')}  stream, listening, srwx`), stdout);
    assert.ok(stdout.replace(/\s+/g, ' ').includes(`, bound to ${path}, inode `), stdout);
    renameSync(path, directory.file('moved'));
    assert.deepEqual(await namesOf(directory.file('moved')), [directory.file('moved'), path]);
    await server.do('listen', 'relative');
    assert.deepEqual(await namesOf(directory.file('relative')), [directory.file('relative'), 'relative']);
  });

  it('is shown of a service below a chroot', async function () {
    requireThat(this, isRoot, 'chroot(2) takes root');
    requirePrograms(this, 'python3');
    mkdirSync(directory.file('run'));
    await using jailed = await Python.start(
      `import os, socket, sys
os.chroot(sys.argv[1]); s = socket.socket(socket.AF_UNIX); s.bind('/run/jailed.sock'); s.listen()
print('ready', flush=True); sys.stdin.read()`,
      [],
      directory.path,
    );
    assert.ok(jailed);
    assert.deepEqual(await namesOf(directory.file('run/jailed.sock')), [
      directory.file('run/jailed.sock'),
      '/run/jailed.sock',
    ]);
  });

  it('is left out where it is the same, and of a datagram socket is shown too', async () => {
    const [path, name] = [directory.file('plain'), freshName()];
    await server.do('listen', path);
    await server.do('listen', name);
    await server.do('listen', directory.file('dgram'), 'dgram');
    symlinkSync('dgram', directory.file('to-dgram'));
    for (const same of [path, name]) assert.deepEqual(await namesOf(same), [same, undefined]);
    assert.equal((await inspect(directory.file('to-dgram'))).socket.boundAddress, directory.file('dgram'));
  });
});
