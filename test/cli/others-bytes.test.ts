import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';

import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { Room } from '../helpers/machine/room.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { Python } from '../helpers/peers/python.js';
import { inspect } from '../helpers/running/inspect.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

/** Whatever it may name it gives the name of a byte that is not UTF-8, and of the four characters of its escape. */
const program = String.raw`
import ctypes, os, socket, sys
directory = os.fsencode(sys.argv[1]) + b'/\xff\\xff'
if len(sys.argv) < 3:
    os.mkdir(directory)
    os.execv('/proc/self/exe', [b'python3', b'-c', os.fsencode(sys.orig_argv[2]), os.fsencode(sys.argv[1]), b'\xff', b'\\xff', b'\\'])
os.chdir(directory)
ctypes.CDLL(None).prctl(15, b'\xff\\xff')
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1] + '/socket'); s.listen(5)
os.chmod(sys.argv[1] + '/socket', 0o777)
os.setresgid(4242, 4242, 4242); os.setresuid(4242, 4242, 4242)
print('ready', flush=True)
sys.stdin.read()
`;

const bytes = '\\xff\\x5cxff';

/** Runs a command where the database has a user and a group of such a name. */
function withNames(directory: TemporaryDirectory): string[] {
  const line = (more: string): Buffer => Buffer.concat([Buffer.from([0xff]), Buffer.from(`\\xff:x:4242:${more}\n`)]);
  const [passwd, group] = [directory.file('passwd'), directory.file('group')];
  writeFileSync(passwd, line('4242::/:/bin/sh'));
  writeFileSync(group, line(''));
  const mounts = `mount --bind ${passwd} /etc/passwd && mount --bind ${group} /etc/group && exec "$@"`;
  return ['unshare', '--mount', 'sh', '-c', mounts, 'sh'];
}

describe('bytes that are not UTF-8', () => {
  before(function () {
    requirePrograms(this, 'python3', 'unshare', 'nsenter', 'mount');
    requireThat(this, isRoot, 'needs root, to be another user and to mount');
  });

  it('are told from the four characters of their escape, whatever is named by them', async () => {
    using directory = new TemporaryDirectory();
    await using room = await Room.make();
    await using _python = await Python.start(program, room.enter, directory.path);
    const wrapper = [...room.enter, ...withNames(directory)];
    const socket = directory.file('socket');
    const { byPidfd, holders } = await inspect(['--no-connect', socket], { wrapper });
    assert.deepEqual(byPidfd?.cmdline?.slice(-3), ['\\xff', '\\x5cxff', '\\x5c']);
    assert.equal(byPidfd.comm, bytes);
    assert.equal(byPidfd.cwd, `${directory.path}/${bytes}`);
    assert.equal(holders?.[0]?.comm, bytes);
    const { stdout } = await runPeerpid(['inspect', '--no-connect', socket], { wrapper });
    assert.match(stdout, /^user now +\\xff\\x5cxff \(4242\)/m);
    assert.match(stdout, /^group now +\\xff\\x5cxff \(4242\)/m);
  });

  it('are chosen by as they are printed, and a name with a backslash also as it is', async () => {
    using directory = new TemporaryDirectory();
    await using room = await Room.make();
    await using _python = await Python.start(program, room.enter, directory.path);
    const wrapper = [...room.enter, ...withNames(directory)];
    for (const choice of [['--user', bytes], ['--comm', bytes], [bytes]]) {
      const args = ['scan', '--csv', '--columns', 'address', '--no-header', ...choice];
      const { stdout, stderr } = await runPeerpid(args, { wrapper });
      assert.equal(stderr, '');
      assert.ok(stdout.split('\n').includes(directory.file('socket')), stdout);
    }
  });
});
