import assert from 'node:assert/strict';

import { requirePrograms } from '../../helpers/machine/requirements.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Python } from '../../helpers/peers/python.js';
import { inspect } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

/** Listens, and writes a title over its arguments as setproctitle(3) does. */
const program = `
import ctypes, socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX); s.bind('\\0' + name[1:]); s.listen(5)
line = open('/proc/self/stat').read()
fields = line[line.rindex(')') + 2:].split()
start, end = int(fields[48 - 3]), int(fields[49 - 3])
title = b'postgres: app shop [local] idle'
ctypes.memset(start, 0, end - start)
ctypes.memmove(start, title, len(title))
print('ready', flush=True)
sys.stdin.read()
`;

describe('inspect of a process that wrote a title over its arguments', () => {
  it('shows the title without the empty arguments behind it, which the JSON has', async function () {
    requirePrograms(this, 'python3');
    const name = freshName();
    await using _python = await Python.start(program, [], name);
    const { byPid } = await inspect(['--no-connect', name]);
    const [title, ...rest] = byPid?.cmdline ?? [];
    assert.equal(title, 'postgres: app shop [local] idle');
    assert.ok(rest.length > 100 && rest.every((one) => one === ''));
    const { stdout } = await runPeerpid(['inspect', '--no-connect', name]);
    const line = stdout.split('\n').find((one) => one.startsWith('command line'));
    assert.match(line ?? '', /^command line +'postgres: app shop \[local\] idle'$/);
  });
});
