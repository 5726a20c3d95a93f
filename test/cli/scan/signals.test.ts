import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { NetworkNamespace, requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { whyNoStrace } from '../../helpers/machine/strace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Python } from '../../helpers/peers/python.js';
import { outcomeOf, startPeerpid } from '../../helpers/running/run-peerpid.js';
import { waitFor } from '../../helpers/wait-for.js';

const manySockets = `
import socket, sys
pairs = [socket.socketpair() for _ in range(400)]
service = socket.socket(socket.AF_UNIX); service.bind(sys.argv[1]); service.listen(1)
client = socket.socket(socket.AF_UNIX); client.connect(sys.argv[1])
print('ready', flush=True)
sys.stdin.read()
`;

function linesOf(file: string): number {
  try {
    return readFileSync(file, 'latin1').split('\n').length;
  } catch {
    // Not made yet
    return 0;
  }
}

describe('scan that is interrupted', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    for (const flags of [['--json'], ['--own-namespace', '--json']]) {
      it(`${signal} in the middle of ${flags.join(' ')}: it ends by it at once, and says nothing`, async function () {
        requireNetworkNamespaces(this);
        requirePrograms(this, 'strace', 'python3');
        const reason = whyNoStrace();
        requireThat(this, reason === undefined, reason ?? '');
        using directory = new TemporaryDirectory();
        await using namespace = await NetworkNamespace.make();
        await using _python = await Python.start(manySockets, namespace.enter, directory.file('socket'));
        const trace = directory.file('trace');
        // 802 sockets then take 20 seconds and more: it is sure to be in the middle
        const slow = ['-e', 'trace=pidfd_getfd', '-e', 'inject=pidfd_getfd:delay_exit=50000'];
        // With -D the child is peerpid itself
        const strace = ['strace', '-D', '-f', '-qq', '-o', trace, ...slow];
        const child = startPeerpid(['scan', '--source', 'proc', ...flags], {
          wrapper: [...namespace.enter, ...strace],
        });
        const outcome = outcomeOf(child);
        try {
          await waitFor('it asks sockets', () => linesOf(trace) > 20, 10_000);
          const asked = Date.now();
          child.kill(signal);
          const { stdout, stderr, status, signal: by } = await outcome;
          // strace itself has something to say of a signal that comes while it holds a call back
          const said = stderr.replace(/^strace: .*\n/gm, '');
          assert.deepEqual([status, by, stdout, said], [null, signal, '', '']);
          assert.ok(Date.now() - asked < 5000, 'it went on');
        } finally {
          child.kill('SIGKILL');
        }
      }).timeout(30_000);
    }
  }
});
