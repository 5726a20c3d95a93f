import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { findingIds, findingText, scan } from '../../helpers/running/scan.js';

describe('the files of listeners in scan', () => {
  let directory: TemporaryDirectory;
  let path: string;
  let server: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
    server = keep(await Peer.start());
  });

  it('say who may connect', async () => {
    const fd = await server.number('listen', path);
    chmodSync(path, 0o640);
    const row = (await scan()).of(server, fd);
    assert.deepEqual(
      [row.file?.mode, row.file?.owner.id, row.file?.group.id],
      ['0640', process.geteuid?.(), process.getegid?.()],
    );
    assert.deepEqual(findingIds(row), []);
  });

  it('say so by access control lists too', async function () {
    requirePrograms(this, 'setfacl');
    const fd = await server.number('listen', path);
    chmodSync(path, 0o600);
    execFileSync('setfacl', ['-m', 'u:61002:rw,g:62002:r', path]);
    const { file } = (await scan()).of(server, fd);
    assert.deepEqual(
      file?.accessList?.filter(({ id }) => id !== undefined),
      [
        { tag: 'user', id: 61002, permissions: 'rw-' },
        { tag: 'group', id: 62002, permissions: 'r--' },
      ],
    );
    const { stdout } = await runPeerpid(['scan', '--long', '--no-truncate', '--socket', path]);
    assert.match(
      stdout.replace(/\s+/g, ' '),
      / srw-rw----\+ \S+ \(\d+\) \S+ \(\d+\), user 61002 rw-, group 62002 r--, /,
    );
  });

  it('open-to-all: a path that anybody may write, whose directories let anybody in', async () => {
    const fd = await server.number('listen', path);
    chmodSync(path, 0o666);
    assert.deepEqual(findingIds((await scan()).of(server, fd)), ['open-to-all']);
    chmodSync(directory.path, 0o700);
    assert.deepEqual(findingIds((await scan()).of(server, fd)), []);
  });

  it('open-to-all: an abstract name, also of a receiver', async () => {
    for (const type of ['stream', 'seqpacket', 'dgram']) {
      const fd = await server.number('listen', freshName(), type);
      const row = (await scan()).of(server, fd);
      assert.deepEqual(findingIds(row), ['open-to-all'], type);
      assert.equal(row.file, undefined);
    }
  });

  it('path-taken: the older of two listeners on a path is out of reach, and who has the path is named', async () => {
    const older = await server.number('listen', path);
    rmSync(path);
    await using taker = await Peer.start();
    const newer = await taker.number('listen', path);
    const scanned = await scan();
    const rows = scanned.at(path);
    assert.equal(rows.length, 2);
    const row = scanned.of(server, older);
    assert.deepEqual(findingIds(row), ['path-taken']);
    assert.match(findingText(row, 'path-taken'), new RegExp(`clients reach process ${taker.pid} \\(node\\)\\.`));
    assert.deepEqual(findingIds(scanned.of(taker, newer)), []);
    const { stdout } = await runPeerpid(['scan', '--connections']);
    assert.match(stdout, new RegExp(` ${path} +\\S+ +node ${server.pid} +\\(listens\\) +- +path-taken`));
    assert.match(stdout, new RegExp(` ${path} +\\S+ +node ${taker.pid} +\\(listens\\) +- +-\n`));
  });

  it('file-deleted: the connections that it has stay, and nobody comes any more', async () => {
    const fd = await server.number('listen', path);
    await server.do('connect', path);
    await server.do('accept', fd);
    rmSync(path);
    const scanned = await scan();
    assert.deepEqual(findingIds(scanned.one(path, 'listening')), ['file-deleted']);
    assert.deepEqual(findingIds(scanned.one(path, 'connected')), []);
  });

  it('file-deleted: speaks of its path only, since a bind mount of the file leads to it all the same', async function () {
    requirePrograms(this, 'mount', 'umount');
    requireThat(this, isRoot, 'mounts take root');
    const fd = await server.number('listen', path);
    const mounted = directory.file('mounted');
    writeFileSync(mounted, '');
    execFileSync('mount', ['--bind', path, mounted]);
    try {
      rmSync(path);
      await server.do('connect', mounted);
      const text = findingText((await scan()).of(server, fd), 'file-deleted');
      assert.match(text, /^Its file was deleted: nobody can connect to it by its path any more/);
    } finally {
      execFileSync('umount', [mounted]);
    }
  });

  it('file-moved: renamed, as some servers do, and where it is now', async () => {
    const fd = await server.number('listen', path);
    renameSync(path, directory.file('moved'));
    const row = (await scan()).of(server, fd);
    assert.equal(row.address, path);
    assert.deepEqual(findingIds(row), ['file-moved']);
    assert.match(findingText(row, 'file-moved'), new RegExp(`is ${directory.file('moved')} now`));
  });

  it('are those of the holder’s own directories and root', async () => {
    await using relative = await Peer.start({ cwd: directory.path });
    const fd = await relative.number('listen', 'relative');
    chmodSync(directory.file('relative'), 0o600);
    const row = (await scan()).of(relative, fd);
    assert.equal(row.address, 'relative');
    assert.equal(row.file?.mode, '0600');
    assert.deepEqual(findingIds(row), []);
  });
});
