import { chmodSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';

import { assertProblem, asUser } from '../../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { compiled, fuseDevice } from '../../helpers/hostile/hostile.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Python } from '../../helpers/peers/python.js';
import { Service } from '../../helpers/peers/service.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { waitFor } from '../../helpers/wait-for.js';

/** Another peerpid that looks at the same time may have a duplicate for a moment. */
const who = (pid: number): string => `Process ${pid} \\([^)]*\\)(?:, as well as \\d+ more,)?`;

describe('a socket that refuses, told by what the kernel shows', () => {
  let directory: TemporaryDirectory;
  let server: Peer;

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    server = keep(await Peer.start({ cwd: directory.path }));
  });

  const at = (): { cwd: string } => ({ cwd: directory.path });
  const refused = async (args: readonly string[], message: RegExp, hint: RegExp, options = {}): Promise<void> => {
    await assertProblem(args, { status: 1, message, hint }, { ...at(), ...options });
  };

  it('stale: no socket is bound to its file, for everybody who may connect', async function () {
    await server.do('close', await server.number('listen', 'socket'));
    const message = /^nobody listens on socket: the socket file is stale, no socket is bound to it any more$/;
    await refused(
      ['inspect', 'socket'],
      message,
      /^The process that made it has ended, or has closed its socket\. Start/,
    );
    await refused(['send', 'socket', 'x'], message, /Start the service again/);
  });

  it('bound, and not listening: who has it', async () => {
    await server.do('bindOnly', 'socket');
    const message = /^nobody listens on socket: a stream socket is bound there, but it does not listen$/;
    const hint = new RegExp(`^${who(server.pid)} has it and has not called listen\\(2\\)`);
    for (const args of [['inspect'], ['inspect', '--no-connect'], ['send']])
      await refused([...args, 'socket'], message, hint);
  });

  it('a service that has closed its listener, and has connections: how many, and who has them', async () => {
    const listener = await server.number('listen', 'socket');
    for (let count = 0; count < 2; count++) {
      await server.do('connect', 'socket');
      await server.do('accept', listener);
    }
    await server.do('close', listener);
    const message = /^nobody listens on socket any more: 2 connected sockets have its address$/;
    await refused(
      ['inspect', 'socket'],
      message,
      new RegExp(`^${who(server.pid)} has one of them, like a service that has closed its listener`),
    );
  });

  it('a listener that was shut down', async function () {
    requirePrograms(this, 'python3');
    const script = `import socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(4); s.shutdown(socket.SHUT_RD)
print('ready', flush=True); sys.stdin.read()`;
    await using _python = await Python.start(script, [], directory.file('socket'));
    const hint = /^Process \d+ \(python3.*\) has it open\. After shutdown\(2\)/;
    await refused(['inspect', 'socket'], /^nobody can connect to socket: its listener was shut down$/, hint);
  });

  it('a file that took the place of another one: who still has that', async () => {
    await server.do('listen', 'socket');
    renameSync(directory.file('socket'), directory.file('old'));
    await server.do('close', await server.number('listen', 'socket'));
    const message = /^nobody listens on socket: its file is not the one of the socket that was bound to that path$/;
    const moved = `^${who(server.pid)} has a socket that was bound to that path; its file was renamed to \\S*/old\\. It is reached by \`peerpid inspect \\S*/old\`\\.$`;
    const absolute = await Peer.start(at());
    await using _absolute = absolute;
    await refused(['inspect', 'socket'], message, new RegExp(moved));
    await absolute.do('listen', directory.file('other'));
    unlinkSync(directory.file('other'));
    await server.do('close', await server.number('listen', 'other'));
    const deleted = `^${who(absolute.pid)} has .*its file was deleted, and another file has its path\\. No path leads to it any more: .*\`peerpid inspect /proc/${absolute.pid}/fd/\\d+\` shows it\\.$`;
    await refused(['inspect', directory.file('other')], /is not the one of the socket/, new RegExp(deleted));
  });

  describe('in namespaces', () => {
    before(function () {
      requirePrograms(this, 'unshare', 'nsenter', 'mount', 'setpriv');
      requireThat(this, isRoot, 'needs root, to make namespaces');
    });

    it('a mount of a file that was deleted: who listens at the new one', async () => {
      const listener = await server.number('listen', directory.file('engine'));
      writeFileSync(directory.file('mounted'), '');
      const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
      const mount = [
        'unshare',
        '--mount',
        'sh',
        '-c',
        script,
        'sh',
        directory.file('engine'),
        directory.file('mounted'),
      ];
      await using container = await Peer.start({ wrapper: mount });
      await server.do('close', listener);
      unlinkSync(directory.file('engine'));
      const inside = { wrapper: ['nsenter', '--mount', '--target', `${container.pid}`] };
      const message =
        /^nobody listens on \S*mounted: it is a mount of a file that was deleted, \S*engine of its file system$/;
      await refused(
        ['inspect', directory.file('mounted')],
        message,
        /^A service that has since created the file again.* Mount it again/,
        inside,
      );
      await server.do('listen', directory.file('engine'));
      const hint = new RegExp(
        `^${who(server.pid)} listens at a new file of that name, to which this mount does not lead`,
      );
      await refused(['inspect', directory.file('mounted')], message, hint, inside);
      await refused(['send', directory.file('mounted'), 'x'], message, hint, inside);
    });

    it('a file of an overlay, whose socket is bound below it', async function () {
      for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(directory.file(name));
      await server.do('listen', directory.file('lower/service'));
      const layers = ['lower', 'upper', 'work'].map((name) => `${name}dir=${directory.file(name)}`).join(',');
      const script =
        'mount -t tmpfs none "$2/../upper" && mkdir "$2/../upper/u" "$2/../upper/w" && mount -t overlay -o "$1" none "$2" && shift 2 && exec "$@"';
      const options = layers.replace('/upper,', '/upper/u,').replace(/\/work$/, '/upper/w');
      const mount = ['unshare', '--mount', 'sh', '-c', script, 'sh', options, directory.file('merged')];
      await using container = await Peer.start({ wrapper: mount }).catch(() => undefined);
      requireThat(this, container !== undefined, 'needs overlayfs');
      const inside = { wrapper: ['nsenter', '--mount', '--target', `${container?.pid}`] };
      const message = /^nobody listens on \S*merged\/service that its file system \(overlay\) leads to$/;
      const hint = new RegExp(
        `that its service gave to bind\\(2\\)\\. ${who(server.pid)} has a socket of that name in another directory: \\S*lower/service\\.`,
      );
      await refused(['inspect', directory.file('merged/service')], message, hint, inside);
    });

    it('a file of a FUSE, whose socket is bound below it', async function () {
      await server.do('listen', directory.file('service'));
      const program = compiled(this, directory, 'socket-fuse');
      const fuse = fuseDevice(directory);
      requireThat(this, fuse !== undefined, 'needs /dev/fuse');
      mkdirSync(directory.file('mount'));
      const command = ['unshare', '--mount', program, fuse ?? '', directory.file('mount'), 'service'];
      await using served = await Service.start(command, { stop: 'SIGKILL' });
      await waitFor('it is mounted', () => served.log.includes('ready '), 10_000);
      const inside = { wrapper: ['nsenter', '--mount', '--target', `${served.pid}`] };
      const path = directory.file('mount/service');
      const message = /^nobody listens on \S*mount\/service that its file system \(fuse\) leads to$/;
      const hint = new RegExp(
        `or on another machine: .* ${who(server.pid)} has a socket of that name in another directory: \\S*/service\\.`,
      );
      await refused(['inspect', path], message, hint, inside);
      await refused(['send', path, 'x'], message, hint, inside);
      const nothing = /^there is no socket at \S*mount\/nothing$/;
      const fileSystem =
        /Its directory is on a file system \(fuse\) that may not show what its service has made there\./;
      await refused(['inspect', directory.file('mount/nothing')], nothing, fileSystem, inside);
      const file = /^\S*mount\/service is there already: nobody listens on \S* that its file system \(fuse\) leads to$/;
      await refused(['listen', '--timeout', '0.1', path], file, /Or give another path\.$/, inside);
    });

    it('a file system of which nothing is told: no word of what nobody knows', async () => {
      await server.do('close', await server.number('listen', 'socket'));
      const message = /^nobody listens on socket that its file system \(of an unknown type\) leads to$/;
      const wrapper = ['unshare', '--mount', 'sh', '-c', 'umount -l /proc && exec "$@"', 'sh'];
      await refused(['inspect', 'socket'], message, /or on another machine/, { wrapper });
    });

    it('an abstract name of another network namespace: who has it, and how to go there', async () => {
      const name = freshName();
      await using other = await Peer.start({ wrapper: ['unshare', '--net'] });
      await other.do('listen', name);
      const message = new RegExp(`^nobody listens on ${name} in this network namespace$`);
      const hint = new RegExp(
        `^${who(other.pid)},? in network namespace \\d+, has it: .*nsenter --target ${other.pid} --net`,
      );
      await refused(['inspect', name], message, hint);
      await refused(['inspect', '--no-connect', name], message, hint);
      // Who may not look there says that it was not seen
      const unseen = /could be looked into \(root may\), and it may be in one of those\.$/;
      await refused(['inspect', name], new RegExp(`^nobody listens on ${name}$`), unseen, asUser(65534, 65534));
    });

    it('a listener of another network namespace is not taken for a connection that it accepted from here', async () => {
      await using other = await Peer.start({ wrapper: ['unshare', '--net'] });
      const listener = await other.number('listen', directory.file('socket'));
      await server.do('connect', directory.file('socket'));
      await other.do('accept', listener);
      const message = /^the socket of socket lives in another network namespace/;
      const hint = new RegExp(`^${who(other.pid)},? in network namespace \\d+, has it\\. Omit --no-connect`);
      await refused(['inspect', '--no-connect', '--own-namespace', 'socket'], message, hint);
      chmodSync(directory.file('socket'), 0o777);
      // And who may not look there does not say that nobody listens
      await refused(
        ['inspect', '--no-connect', 'socket'],
        /connected/,
        /in a network namespace that was not seen/,
        asUser(65534, 65534),
      );
    });
  });

  it('an abstract name with NUL bytes at its end, and a path for a name', async function () {
    requirePrograms(this, 'python3');
    const name = freshName();
    const script = `import socket, sys
s = socket.socket(socket.AF_UNIX); s.bind('\\0' + sys.argv[1] + '\\0\\0'); s.listen(4)
print('ready', flush=True); sys.stdin.read()`;
    await using _python = await Python.start(script, [], name.slice(1));
    const padded = new RegExp(
      `has that name with another number of NUL bytes at its end, .*: \`peerpid inspect '${name}\\\\x00\\\\x00'\``,
    );
    await refused(['inspect', name], /^nobody listens on /, padded);
    await server.do('listen', directory.file('socket'));
    const path = new RegExp(
      `^${who(server.pid)} has that path, which is not an abstract name: \`peerpid inspect ${directory.file('socket')}\``,
    );
    await refused(['inspect', `@${directory.file('socket')}`], /^nobody listens on @/, path);
  });
});
