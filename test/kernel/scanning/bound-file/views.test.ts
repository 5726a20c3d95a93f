import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

import { valueOf } from '../../../../src/words/reading.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { BoundServer } from '../../../helpers/peers/bound-server.js';
import type { PeerOptions } from '../../../helpers/peers/peer.js';
import { prepareEach } from '../../../helpers/prepare-each.js';

/** Runs a peer in a mount namespace of its own, after a preparation in sh(1), with a directory as $D. */
function inMounts(directory: string, script: string, exec = 'exec "$@"'): PeerOptions {
  return { wrapper: ['unshare', '--mount', 'sh', '-ec', `D="$0"; ${script}; ${exec}`, directory] };
}

describe('boundFile in other mount namespaces', () => {
  let directory: TemporaryDirectory;
  let path: string;

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
  });

  before(function () {
    requirePrograms(this, 'unshare', 'mount', 'chroot');
    requireThat(this, isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0, 'no mount namespaces here');
  });

  it('looks where the holder looks: the same path is another file here', async () => {
    await using ours = await BoundServer.start(path);
    await using theirs = await BoundServer.start(
      path,
      inMounts(directory.path, 'mount -t tmpfs -o mode=711 none "$D"'),
    );
    assert.equal(ours.there(), 'bound');
    const found = valueOf(theirs.look());
    assert.ok(found?.there === 'bound');
    assert.equal(found.file.inode & 0xffffffffn, theirs.socket.file?.inode);
    assert.deepEqual(valueOf(found.guards), []);
    // Whoever cannot be looked through leaves it open
    assert.ok('error' in theirs.look([]));
    unlinkSync(`/proc/${theirs.peer.pid}/root${path}`);
    assert.equal(theirs.there(), 'deleted', 'not taken for replaced by the one that has the path here');
  });

  it('regards an access control list on a mount that we do not have', async function () {
    requirePrograms(this, 'setfacl');
    await using theirs = await BoundServer.start(
      path,
      inMounts(directory.path, 'mount -t tmpfs -o mode=755 none "$D"; umask 0'),
    );
    const listed = (): unknown => {
      const found = valueOf(theirs.look());
      assert.ok(found?.there === 'bound');
      return found.file.accessList?.filter(({ tag }) => tag === 'user');
    };
    assert.equal(listed(), undefined);
    execFileSync('setfacl', ['-m', 'u:61002:---', `/proc/${theirs.peer.pid}/root${path}`]);
    assert.deepEqual(listed(), [{ tag: 'user', id: 61002, permissions: 0 }]);
  });

  it('follows an absolute symbolic link from the root of the holder', async () => {
    const link = directory.file('link');
    const options = inMounts(
      directory.path,
      'mkdir "$D/real" && mount -t tmpfs none "$D" && mkdir -m 700 "$D/real" && ln -s "$D/real" "$D/link"',
    );
    await using theirs = await BoundServer.start(join(link, 'socket'), options);
    const found = valueOf(theirs.look());
    assert.ok(found?.there === 'bound');
    assert.deepEqual(
      valueOf(found.guards)?.map((guard) => guard.path.toString()),
      [directory.file('real')],
    );
  });

  it('looks from the root that chroot(2) gave, and from ours for one that was bound before it', async () => {
    mkdirSync(directory.file('root'));
    const script = 'mount --rbind / "$D/root"; mount -t tmpfs none "$D/root/mnt"';
    const options = inMounts(directory.path, script, 'exec chroot "$D/root" "$@"');
    await using inside = await BoundServer.start('/mnt/socket', options);
    assert.equal(inside.there(), 'bound');
    await using relative = await BoundServer.start('mnt/socket', options);
    assert.equal(relative.there(), 'bound');
    assert.ok('error' in relative.look([]));
    await using outside = await BoundServer.start(path);
    assert.equal(valueOf(outside.look([{ ...inside.holder, fds: [] }]))?.there, 'bound');
  });

  it('says nothing of a file that another mount hides', async () => {
    const options = inMounts(directory.path, 'mount -t tmpfs none "$D"');
    await using server = await BoundServer.start(path, options);
    execFileSync('nsenter', ['--target', `${server.peer.pid}`, '--mount', 'mount', '-t', 'tmpfs', 'x', directory.path]);
    const found = server.look();
    assert.ok('error' in found);
    assert.match(found.error.syscall, /has a name/);
  });

  it('knows a file on an overlay, where stat(2) and the list of the kernel tell different devices', async function () {
    const layers = 'mount -t tmpfs none "$D"; cd "$D"; mkdir lower upper merged; mount -t tmpfs none lower';
    const overlay =
      'mkdir upper/u upper/w; mount -t overlay -o lowerdir=lower,upperdir=upper/u,workdir=upper/w none merged';
    const options = inMounts(directory.path, `${layers}; ${overlay}`);
    requireThat(this, canStart(options), 'no overlay may be mounted here');
    await using server = await BoundServer.start(directory.file('merged/socket'), options);
    const merged = `/proc/${server.peer.pid}/root${directory.file('merged')}`;
    const { dev } = lstatSync(join(merged, 'socket'));
    assert.notEqual(server.socket.file?.device, dev, 'the devices differ, or this test tests nothing');
    assert.equal(server.there(), 'bound');
    assert.equal(valueOf(server.look([{ ...server.holder, fds: [] }]))?.there, 'bound', 'by numbers alone');
    renameSync(join(merged, 'socket'), join(merged, 'renamed'));
    assert.equal(server.there(), 'moved');
    unlinkSync(join(merged, 'renamed'));
    assert.equal(server.there(), 'deleted');
  });
});

function canStart({ wrapper: [command = '', ...args] = [] }: PeerOptions): boolean {
  return spawnSync(command, [...args, 'true']).status === 0;
}
