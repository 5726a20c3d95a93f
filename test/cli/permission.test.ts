import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs';

import { assertProblem, asUser } from '../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Peer } from '../helpers/peers/peer.js';

/** The commonest complaint about local sockets: each reason has its own hint. */
describe('permission denied', () => {
  const name = `peerpid-t${process.pid}`;
  let directory: TemporaryDirectory;
  let peer: Peer;
  let uid = 0;
  let gid = 0;

  const id = (...args: string[]): number => Number(execFileSync('id', args, { encoding: 'utf8' }));

  before(async function () {
    requirePrograms(this, 'setpriv', 'useradd', 'groupadd', 'userdel', 'groupdel', 'usermod');
    requireThat(this, isRoot, 'needs root, to make a user and a group');
    directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o755);
    execFileSync('groupadd', [`${name}g`]);
    execFileSync('useradd', ['--no-create-home', name]);
    uid = id('-u', name);
    gid = Number(execFileSync('getent', ['group', `${name}g`], { encoding: 'utf8' }).split(':')[2]);
    peer = await Peer.start();
    await peer.do('listen', directory.file('socket'));
    chownSync(directory.file('socket'), 0, gid);
    chmodSync(directory.file('socket'), 0o660);
  });

  after(async () => {
    if (uid !== 0) execFileSync('userdel', [name], { stdio: 'ignore' });
    if (gid !== 0) execFileSync('groupdel', [`${name}g`], { stdio: 'ignore' });
    await (peer as Peer | undefined)?.[Symbol.asyncDispose]();
    (directory as TemporaryDirectory | undefined)?.[Symbol.dispose]();
  });

  const own = (): number => id('-g', name);

  it('names the group of which the user is not a member', async () => {
    await assertProblem(
      ['inspect', directory.file('socket')],
      {
        status: 1,
        message: /you may not connect to/,
        hint: new RegExp(
          `mode is 0660 root ${name}g: you are not a member of group ${name}g.*usermod -aG ${name}g ${name}.* Members may do all that is open to the group: `,
        ),
      },
      asUser(uid, own()),
    );
  });

  it('tells a member by the user database to log in again', async () => {
    execFileSync('usermod', ['-aG', `${name}g`, name]);
    try {
      const hint = new RegExp(`member of ${name}g by the user database, but not in this session.*newgrp ${name}g`);
      const expected = { status: 1, message: /you may not connect to/, hint };
      await assertProblem(['inspect', directory.file('socket')], expected, asUser(uid, own()));
    } finally {
      execFileSync('usermod', ['-G', '', name]);
    }
  });

  it('proposes no group to a user whom an access control list keeps out of a socket for all', async function () {
    requirePrograms(this, 'setfacl');
    const path = directory.file('listed');
    await peer.do('listen', path);
    chmodSync(path, 0o666);
    execFileSync('setfacl', ['-m', `u:${uid}:---`, path]);
    const hint =
      /mode is 0666 root \S+, with an access control list: its list has an entry for you that does not let you in/;
    await assertProblem(['inspect', path], { status: 1, message: /you may not connect to/, hint }, asUser(uid, own()));
  });

  it('takes the mask of a list for no permission of the group', async function () {
    requirePrograms(this, 'setfacl');
    const path = directory.file('masked');
    await peer.do('listen', path);
    chownSync(path, 0, gid);
    chmodSync(path, 0o600);
    execFileSync('setfacl', ['-m', 'u:33:rw', path]);
    const hint = /mode is 0660 root \S+, with an access control list: only www-data and root may\. Try as/;
    await assertProblem(['inspect', path], { status: 1, message: /you may not connect to/, hint }, asUser(uid, own()));
  });

  it('tells that only the owner may', async () => {
    chmodSync(directory.file('socket'), 0o600);
    try {
      const expected = { status: 1, message: /you may not connect to/, hint: /0600 root .*only root may/ };
      await assertProblem(['inspect', directory.file('socket')], expected, asUser(uid, own()));
    } finally {
      chmodSync(directory.file('socket'), 0o660);
    }
  });

  it('names the directory that may not be entered, also behind a symbolic link', async () => {
    mkdirSync(directory.file('closed'), { mode: 0o700 });
    mkdirSync(`${directory.file('closed')}/inner`);
    symlinkSync(`${directory.file('closed')}/inner`, directory.file('link'));
    await peer.do('listen', `${directory.file('closed')}/inner/socket`);
    const expected = { status: 1, message: /you may not reach/, hint: /may not enter [^ ]*\/closed \(mode 0700, root/ };
    for (const way of ['closed/inner/socket', 'link/socket']) {
      await assertProblem(['inspect', directory.file(way)], expected, asUser(uid, own()));
      await assertProblem(['inspect', '--no-connect', directory.file(way)], expected, asUser(uid, own()));
      await assertProblem(['listen', directory.file(way)], expected, asUser(uid, own()));
    }
  });

  it('tells that a directory may not be written', async () => {
    const hint = /write permission on its directory.*XDG_RUNTIME_DIR/;
    const expected = { status: 1, message: /you may not create/, hint };
    await assertProblem(['listen', directory.file('new')], expected, asUser(uid, own()));
  });
});
