import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

import type { BoundFile } from '../../../../src/scanning/bound-file/bound-file.js';
import { type Reading, valueOf } from '../../../../src/words/reading.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { BoundServer } from '../../../helpers/peers/bound-server.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { prepareEach } from '../../../helpers/prepare-each.js';
import { built } from '../../../helpers/running/program-root.js';
import { waitFor } from '../../../helpers/wait-for.js';

function modeOf(found: Reading<BoundFile>): number | undefined {
  const value = valueOf(found);
  return value !== undefined && 'file' in value ? value.file.mode & 0o7777 : undefined;
}

describe('boundFile', () => {
  let directory: TemporaryDirectory;
  let path: string;

  prepareEach((keep) => {
    directory = keep(new TemporaryDirectory());
    path = directory.file('socket');
  });

  it('finds the file of a listener and of a receiver, its mode and who may enter', async () => {
    for (const type of ['stream', 'seqpacket', 'dgram']) {
      await using server = await BoundServer.start(path, {}, type);
      chmodSync(path, 0o640);
      chmodSync(directory.path, 0o710);
      const found = server.look();
      assert.equal(modeOf(found), 0o640);
      const value = valueOf(found);
      assert.ok(value?.there === 'bound');
      assert.ok(valueOf(value.guards)?.some((guard) => guard.path.toString() === directory.path));
      chmodSync(directory.path, 0o755);
      unlinkSync(path);
    }
  });

  it('finds it through a symbolic link to the directory, and with any byte in its name', async () => {
    mkdirSync(directory.file('real'));
    symlinkSync('real', directory.file('link'));
    await using server = await BoundServer.start(directory.file('link/a\\x0a\\xff\\xc3 b'));
    assert.equal(server.there(), 'bound');
    renameSync(directory.file('real'), directory.file('away'));
    const moved = valueOf(server.look());
    assert.ok(moved?.there === 'moved');
    const name = Buffer.concat([Buffer.from(directory.file('away/a\n')), Buffer.from([0xff, 0xc3]), Buffer.from(' b')]);
    assert.deepEqual(moved.to, name);
  });

  it('knows a deleted file, also with others in the directory', async () => {
    await using server = await BoundServer.start(path);
    await using _other = await BoundServer.start(directory.file('other'));
    unlinkSync(path);
    assert.deepEqual(server.look(), { value: { there: 'deleted' } });
    rmSync(directory.path, { recursive: true });
    assert.deepEqual(server.look(), { value: { there: 'deleted' } });
  });

  it('knows a second listener at the path, by unlink and bind, and by rename', async () => {
    await using first = await BoundServer.start(path);
    unlinkSync(path);
    await using second = await BoundServer.start(path);
    await using third = await BoundServer.start(directory.file('new'));
    for (const taker of [second, third]) {
      if (taker === third) renameSync(directory.file('new'), path);
      const found = valueOf(first.look());
      assert.ok(found?.there === 'replaced');
      assert.equal(found.deleted, true);
      assert.equal(found.by.isSocket, true);
      assert.equal(found.by.inode & 0xffffffffn, taker.socket.file?.inode);
    }
    assert.equal(second.there(), 'replaced');
    // The kernel tells of the name that it was bound to; its file is reachable by another
    const moved = valueOf(third.look());
    assert.ok(moved?.there === 'moved');
    assert.equal(moved.to.toString(), path);
    assert.equal(moved.by, undefined);
  });

  it('tells what has the path of a file that was renamed', async () => {
    await using first = await BoundServer.start(path);
    renameSync(path, `${path}.old`);
    await using second = await BoundServer.start(path);
    const found = valueOf(first.look());
    assert.ok(found?.there === 'moved');
    assert.equal(found.to.toString(), `${path}.old`);
    assert.equal(found.by?.inode, lstatSync(path, { bigint: true }).ino);
    assert.equal(second.there(), 'bound');
  });

  it('never opens what is at the path: a regular file, a FIFO, a directory, a loop of links', async function () {
    requirePrograms(this, 'mkfifo');
    await using server = await BoundServer.start(path);
    const make = [
      () => {
        writeFileSync(path, '');
      },
      // open(2) would wait for a writer
      () => execFileSync('mkfifo', [path]),
      () => {
        mkdirSync(path);
      },
    ];
    for (const one of make) {
      rmSync(path, { recursive: true });
      one();
      const found = valueOf(server.look());
      assert.ok(found?.there === 'replaced');
      assert.equal(found.by.isSocket, false);
    }
    rmSync(path, { recursive: true });
    symlinkSync(path, path);
    assert.equal(server.there(), 'deleted');
  });

  it('finds a file that is left under another hard link', async () => {
    await using server = await BoundServer.start(path);
    linkSync(path, directory.file('second'));
    unlinkSync(path);
    const found = valueOf(server.look());
    assert.ok(found?.there === 'moved');
    assert.equal(found.to.toString(), directory.file('second'));
    mkdirSync(directory.file('elsewhere'));
    renameSync(directory.file('second'), directory.file('elsewhere/second'));
    const lost = server.look();
    assert.ok('error' in lost);
    assert.match(lost.error.syscall, /no path that we may look through leads to it/);
  });

  it('finds a relative path of a holder that works elsewhere, by what the kernel has', async () => {
    await using server = await BoundServer.start('socket', { cwd: directory.path });
    const pid = await server.peer.number('spawn', ['sh', '-c', 'cd / && exec sleep 60'], ...server.holder.fds);
    const elsewhere = { pid, fds: [3] };
    await waitFor('it has left', () => readlinkSync(`/proc/${pid}/cwd`) === '/');
    assert.equal(valueOf(server.look([elsewhere]))?.there, 'bound');
    unlinkSync(path);
    assert.equal(valueOf(server.look([elsewhere]))?.there, 'deleted');
  });

  it('follows a relative path from the working directory', async () => {
    await using server = await BoundServer.start('./socket', { cwd: directory.path });
    assert.equal(server.socket.address.kind === 'path' && server.socket.address.path.toString(), './socket');
    assert.equal(server.there(), 'bound');
    // Somebody who has it too, and works elsewhere
    await using other = await Peer.start({ cwd: '/' });
    assert.equal(valueOf(server.look([{ ...server.holder, pid: other.pid }]))?.there, undefined);
    const { pid, fds } = server.holder;
    assert.equal(
      valueOf(
        server.look([
          { pid: other.pid, fds: [] },
          { pid, fds },
        ]),
      )?.there,
      'bound',
    );
    renameSync(path, `${path}.old`);
    const moved = valueOf(server.look());
    assert.ok(moved?.there === 'moved');
    assert.equal(moved.by, undefined);
    writeFileSync(path, '');
    renameSync(`${path}.old`, path);
    unlinkSync(path);
    assert.equal(server.there(), 'deleted');
    writeFileSync(path, '');
    assert.equal(server.there(), 'replaced');
  });

  it('says nothing of a process that has gone, where the path leads nowhere', async () => {
    const server = await BoundServer.start(path);
    const gone = { pid: server.peer.pid, fds: [3] };
    try {
      assert.equal(valueOf(server.look([]))?.there, 'bound');
      unlinkSync(path);
      for (const holders of [[], [{ pid: 0x3ffffffe, fds: [3] }]]) assert.ok('error' in server.look(holders));
    } finally {
      await server[Symbol.asyncDispose]();
    }
    assert.ok('error' in server.look([gone]));
  });

  describe('for a user who is not privileged', () => {
    const nobody = 65534;
    const asNobody = ['--reuid', `${nobody}`, '--regid', `${nobody}`, '--clear-groups'];
    const program = built('test/helpers/programs/bound-file.js');

    before(function () {
      requirePrograms(this, 'setpriv');
      requireThat(this, isRoot, 'becoming another user takes root');
    });

    function lookAsNobody({ socket, holder }: BoundServer): {
      value?: Record<string, unknown>;
      error?: { syscall: string };
    } {
      const args = [socket.inode, holder.pid, ...holder.fds].map(String);
      const { stdout } = spawnSync('setpriv', [...asNobody, process.execPath, program, ...args], { encoding: 'utf8' });
      return JSON.parse(stdout) as ReturnType<typeof lookAsNobody>;
    }

    it("sees that root's listener can be reached, and does not know why not", async () => {
      await using server = await BoundServer.start(path);
      assert.equal(lookAsNobody(server).value?.['there'], 'bound');
      renameSync(path, directory.file('renamed'));
      assert.match(lookAsNobody(server).error?.syscall ?? '', /ns\/mnt/);
    });

    it("looks through one's own listener: renamed, replaced, or missing", async () => {
      chmodSync(directory.path, 0o777);
      await using server = await BoundServer.start(path, { uid: nobody, gid: nobody });
      assert.equal(lookAsNobody(server).value?.['there'], 'bound');
      renameSync(path, directory.file('renamed'));
      const { value } = lookAsNobody(server);
      assert.deepEqual([value?.['there'], value?.['to']], ['moved', directory.file('renamed')]);
      unlinkSync(directory.file('renamed'));
      assert.deepEqual(lookAsNobody(server).value, { there: 'missing' });
      writeFileSync(path, '');
      const replaced = lookAsNobody(server).value;
      assert.deepEqual([replaced?.['there'], replaced?.['deleted']], ['replaced', false]);
    });
  });
});
