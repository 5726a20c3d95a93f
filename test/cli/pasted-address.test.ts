import assert from 'node:assert/strict';
import { renameSync, symlinkSync } from 'node:fs';

import type { InspectDocument } from '../../src/document/inspect-document.js';
import { assertProblem } from '../helpers/assert-problem.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { freshName } from '../helpers/peers/connected.js';
import { Peer } from '../helpers/peers/peer.js';
import { prepareEach } from '../helpers/prepare-each.js';
import { inspect } from '../helpers/running/inspect.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

describe('addresses as other programs write them', () => {
  let directory: TemporaryDirectory;
  let server: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start());
  });

  const inodeOf = async (path: string): Promise<number> => (await inspect(path)).socket.inode ?? assert.fail();
  const credentialPid = ({ credential }: InspectDocument): number | undefined => credential?.pid;

  it('inspect takes a path in each of them', async () => {
    const path = directory.file('a b.sock');
    await server.do('listen', path);
    const inode = await inodeOf(path);
    for (const typed of [
      `unix://${path}`,
      `unix:${path}`,
      `unix:path=${path.replace(' ', '%20')},guid=0123`,
      `tcp:host=localhost,port=1;unix:path=${path};unix:path=/nowhere`,
      `http+unix://${encodeURIComponent(path)}/info`,
      encodeURIComponent(path),
    ]) {
      const document = await inspect(typed);
      assert.deepEqual([document.socket.address, document.socket.inode], [path, inode], typed);
    }
  });

  it('inspect takes an abstract name in each of them, also as ss prints its NUL bytes', async () => {
    const name = freshName();
    await server.do('listen', `${name}\\x00a\\x00`);
    for (const typed of [`${name}@a@`, `unix:${name}@a@`, `unix:abstract=${name.slice(1)}%00a%00,guid=1`]) {
      const document = await inspect(typed);
      assert.deepEqual([document.socket.address, credentialPid(document)], [`${name}\\x00a\\x00`, server.pid], typed);
    }
    const { stderr, stdout } = await runPeerpid(['inspect', `${name}@a@`]);
    assert.equal(stderr, `${name}@a@ is read as ${name}\\x00a\\x00: no socket has the name as typed\n`);
    assert.ok(stdout.includes(`\n${name}\\x00a\\x00  stream, listening`), stdout);
  });

  it('a name is the one that was typed where there is such, and nobody guesses among several', async () => {
    const name = freshName();
    await server.do('listen', `${name}@a\\x00`);
    await server.do('listen', `${name}\\x00a@`);
    await assertProblem(['inspect', `${name}@a@`], {
      status: 2,
      message: /x00a@ or .*@a\\x00$|@a\\x00 or .*x00a@$/,
      hint: /`ss`/,
    });
    await server.do('listen', `${name}@a@`);
    assert.equal((await inspect(`${name}@a@`)).socket.address, `${name}@a@`);
  });

  it('inspect takes the inode of a listener, of an end of a connection and of a socket without a name', async () => {
    const path = directory.file('socket');
    await server.do('listen', path);
    const listener = await inodeOf(path);
    await using client = await Peer.start();
    const end = await client.number('connect', path);
    const connected = await inspect(`/proc/${client.pid}/fd/${end}`);
    for (const form of [(inode: number) => `socket:[${inode}]`, (inode: number) => `inode:${inode}`]) {
      const listening = await inspect(form(listener));
      assert.deepEqual(
        [listening.socket.address, listening.socket.state, listening.socket.inode, listening.holders?.[0]?.pid],
        [path, 'listening', listener, server.pid],
      );
      const one = await inspect(form(connected.socket.inode ?? 0));
      assert.deepEqual([one.socket, one.credential], [connected.socket, connected.credential]);
    }
  });

  it('send takes them, and finds who has the inode', async () => {
    const path = directory.file('socket');
    await server.do('listen', path, 'dgram');
    const inode = await inodeOf(path);
    for (const typed of [`unix://${path}`, `unix:path=${path}`, `socket:[${inode}]`]) {
      const { status, stdout, stderr } = await runPeerpid(['send', typed, 'x']);
      assert.deepEqual([status, stdout, stderr], [0, 'sent 1 byte (dgram)\n', ''], typed);
    }
    renameSync(path, directory.file('moved'));
    await assertProblem(['send', `inode:${inode}`, 'x'], {
      status: 1,
      message: /^socket:\[\d+\] was bound to .*socket, which does not lead to it from here$/,
      hint: /\/proc\/PID\/root/,
    });
  });

  it('send says that it cannot reach a socket without a name, or one end of a connection', async () => {
    const unbound = await server.number('socket', 'dgram');
    const { socket } = await inspect(`/proc/${server.pid}/fd/${unbound}`);
    await assertProblem(['send', `inode:${socket.inode ?? 0}`, 'x'], {
      status: 1,
      message: /has no name/,
      hint: /bound/,
    });
    await server.do('listen', directory.file('socket'));
    const end = await server.number('connect', directory.file('socket'));
    const connected = await inspect(`/proc/${server.pid}/fd/${end}`);
    await assertProblem(['send', `inode:${connected.socket.inode ?? 0}`, 'x'], {
      status: 1,
      message: /a stream socket that does not listen/,
      hint: /peerpid inspect/,
    });
  });

  it('an address in a hint is taken back, and a command in it is one that a shell takes', async () => {
    const hostile = [`it's "$(here)" \`x\` `, 'a b;c', 'esc\\x1b[31m', '\\xff', 'rtl\\xe2\\x80\\xae', '-dash'];
    const cases: [typed: string, inode: number][] = [];
    for (const name of hostile) {
      const abstract = `${freshName()}${name}`;
      await server.do('listen', `${abstract}\\x00`);
      cases.push([abstract, (await inspect(`${abstract}\\x00`)).socket.inode ?? 0]);
      const path = directory.file(`${name}.sock`);
      await server.do('listen', path);
      cases.push([path.replace(/\.sock$/, '.sokc'), await inodeOf(path)]);
    }
    for (const [typed, inode] of cases) {
      const { stderr, status } = await runPeerpid(['inspect', typed]);
      assert.equal(status, 1);
      const meant = /Did you mean (.*)\? Process /.exec(stderr)?.[1];
      if (meant !== undefined) {
        assert.equal((await inspect(meant)).socket.inode, inode, meant);
        continue;
      }
      const command = /`peerpid inspect (.*)`/.exec(stderr)?.[1] ?? assert.fail(stderr);
      const shell = ['sh', '-c', `exec "$@" --json ${command}`, 'sh'];
      const { stdout } = await runPeerpid(['inspect'], { wrapper: shell });
      assert.equal((JSON.parse(stdout) as InspectDocument).socket.inode, inode, command);
    }
  });

  it('--long shows each address so that it is taken back', async () => {
    const names = [`${freshName()} x  stream\\x00`, directory.file('a\\x0ab  c'), directory.file('\\xff')];
    for (const name of names) await server.do('listen', name);
    const { stdout } = await runPeerpid(['scan', '--long', '--pid', `${server.ownPid}`, '--summary', 'none']);
    const shown = stdout.split('\n').flatMap((line) => /^[A-Z]+ {2}stream {2}(\S.*)$/.exec(line)?.[1] ?? []);
    assert.deepEqual(shown.filter((text) => !text.startsWith('without a name')).sort(), names.sort());
    for (const address of names) assert.ok((await inspect(address)).socket.inode !== undefined);
  });

  it('a file of such a name is reached with ./ in front, which is how it is shown', async () => {
    const names = ['unix:path=x', 'socket:[1]', '%2Fx', 'inode:1'];
    const cwd = directory.path;
    await using there = await Peer.start({ cwd });
    for (const name of names) {
      await there.do('listen', `./${name}`);
      symlinkSync(name, directory.file(`${name}.link`));
      assert.equal((await inspect(`./${name}`, { cwd })).socket.address, `./${name}`);
    }
  });
});
