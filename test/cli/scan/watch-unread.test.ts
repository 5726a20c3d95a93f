import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import type { WatchEvent } from '../../../src/document/watch-event.js';
import { NetworkNamespace, requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { peerpid, within } from '../../helpers/running/run-peerpid.js';
import { UnreadOutput } from '../../helpers/running/unread-output.js';
import { waitFor } from '../../helpers/wait-for.js';

/** So many that telling of all fills a pipe, 64 KiB, and more. */
const pairs = 40;

describe('the output of scan --watch, when it is not read', () => {
  let namespace: NetworkNamespace;
  let peer: Peer;

  before(function () {
    requireNetworkNamespaces(this);
    requirePrograms(this, 'mkfifo');
  });

  prepareEach(async (keep) => {
    namespace = keep(await NetworkNamespace.make());
    peer = keep(await Peer.start({ wrapper: namespace.enter }));
    for (let pair = 0; pair < pairs; pair++) await peer.do('socketpair');
  });

  it('has it make no scan meanwhile, and nothing that is still so is lost; a signal ends it', async () => {
    using output = new UnreadOutput('pipe');
    const scan = within(['scan', '--watch', '0.1', '--json'], namespace.enter);
    const [program = '', ...args] = [...namespace.enter, process.execPath, peerpid, ...scan];
    const child = spawn(program, args, {
      stdio: ['ignore', output.fd, 'pipe'],
    });
    output.given();
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    try {
      await waitFor('there is something to read', () => output.waiting > 0, 20_000);
      const passing = await peer.number('listen', '@passing');
      const start = performance.now();
      // Many rounds: that it makes none cannot be seen otherwise
      await waitFor('a while has passed', () => performance.now() - start > 1500);
      await peer.do('close', passing);
      await peer.do('listen', '@staying');
      const lines = await output.lines((line) => line.includes('"event":"round"'));
      const came = lines
        .map((line) => JSON.parse(line) as WatchEvent)
        .flatMap((event) => (event.event === 'came' ? [event.socket.address] : []));
      assert.deepEqual(came, ['@staying']);

      // Now it is full again
      for (let pair = 0; pair < pairs; pair++) await peer.do('socketpair');
      await waitFor('the pipe is full', () => output.waiting > 20_000, 20_000);
      child.kill('SIGTERM');
      const [status] = (await once(child, 'close')) as [number | null];
      assert.equal(status, 1);
      assert.match(said, /^peerpid: standard output is full and nobody reads it: the last \d+ lines were not written/);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
