import { mkdirSync, renameSync, unlinkSync } from 'node:fs';

import { assertProblem } from '../../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';

/** Another peerpid that looks at the same time may have a duplicate for a moment. */
const who = (pid: number): string => `Process ${pid} \\([^)]*\\)(?:, as well as \\d+ more,)?`;

describe('a path at which there is no socket, told by what the kernel shows', () => {
  let directory: TemporaryDirectory;
  let server: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start({ cwd: directory.path }));
  });

  const missing = async (path: string, what: RegExp, hint: RegExp, options = {}): Promise<void> => {
    for (const args of [
      ['inspect', path],
      ['inspect', '--no-connect', path],
      ['send', path, 'x'],
    ])
      await assertProblem(args, { status: 1, message: what, hint }, options);
  };

  it('its file was deleted: who has it, and how to look at it', async () => {
    const path = directory.file('service');
    const fd = await server.number('listen', path);
    unlinkSync(path);
    const hint = `^${who(server.pid)} has a socket that was bound to that path; its file was deleted\\. No path leads to it any more: start the service again, which creates a new file\\. \`peerpid inspect /proc/${server.pid}/fd/${fd}\` shows it\\.$`;
    await missing(path, /^there is no socket at \S+service: its file was deleted$/, new RegExp(hint));
    await missing('service', /its file was deleted$/, new RegExp(hint), { cwd: directory.path });
  });

  it('its file was renamed: where to', async () => {
    const path = directory.file('service');
    await server.do('listen', path);
    renameSync(path, directory.file('elsewhere'));
    const to = directory.file('elsewhere');
    const hint = `its file was renamed to ${to}\\. It is reached by \`peerpid inspect ${to}\`\\.$`;
    await missing(path, /: its file was renamed$/, new RegExp(`^${who(server.pid)} .*${hint}`));
  });

  it('it is in another mount namespace: by whose root it is reached', async function () {
    requirePrograms(this, 'unshare', 'mount');
    requireThat(this, isRoot, 'needs root, to make namespaces');
    mkdirSync(directory.file('tmp'));
    const script = 'mount -t tmpfs none "$1" && shift && exec "$@"';
    for (const namespaces of [['--mount'], ['--mount', '--net']]) {
      const wrapper = ['unshare', ...namespaces, 'sh', '-c', script, 'sh', directory.file('tmp')];
      await using other = await Peer.start({ wrapper });
      const path = directory.file('tmp/service');
      await other.do('listen', path);
      const way = `It is reached by \`peerpid inspect /proc/${other.pid}/root${path}\`\\.$`;
      await missing(
        path,
        /service in this mount namespace or below this root$/,
        new RegExp(`^${who(other.pid)}.*${way}`),
      );
    }
  });

  it('its path was cut', async () => {
    const long = `${directory.file('d'.repeat(60))}/${'application-server-'.repeat(4)}`;
    mkdirSync(directory.file('d'.repeat(60)));
    await missing(
      long,
      /^there is no socket/,
      new RegExp(`^Its path has ${long.length} bytes, and a socket's address has room for 107`),
    );
    await server.do('listen', long.slice(0, 107));
    const hint = `${who(server.pid)} has a socket at the first 107 bytes of it, .*\`peerpid inspect ${long.slice(0, 107)}\``;
    await missing(long, /^there is no socket/, new RegExp(hint));
  });

  it('one letter is another, too many, missing, or has changed places', async () => {
    const path = directory.file('application');
    await server.do('listen', path);
    for (const typed of ['applicatoin', 'aplication', 'applications', 'appliCation'])
      await missing(
        directory.file(typed),
        /^there is no/,
        new RegExp(`^Did you mean ${path}\\? ${who(server.pid)} has it`),
      );
  });

  it('a socket of that name is in another directory, or is an abstract one', async () => {
    const name = freshName().slice(1);
    await server.do('listen', directory.file(name));
    const namesake = `^There is no directory /nowhere either\\. ${who(server.pid)} has a socket of that name in another directory: ${directory.file(name)}\\.$`;
    await missing(`/nowhere/${name}`, /^there is no/, new RegExp(namesake));
    await server.do('listen', `@${directory.file('abstract')}`);
    const abstract = `^${who(server.pid)} has that abstract name, which has no file: \`peerpid inspect @${directory.file('abstract')}\``;
    await missing(directory.file('abstract'), /^there is no/, new RegExp(abstract));
  });
});
