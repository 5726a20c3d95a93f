import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, statSync, symlinkSync } from 'node:fs';

import { inspect } from '../../../../src/inspection/inspect.js';
import { openAddress } from '../../../../src/socket/opening/open-address.js';
import { Witness } from '../../../../src/words/evidence.js';
import { valueOf } from '../../../../src/words/reading.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { Peer } from '../../../helpers/peers/peer.js';

/** Turns the link `app` between two sockets, as fast as it can. */
const swapper = `
  const { renameSync, symlinkSync } = require('node:fs');
  process.chdir(process.argv[1]);
  const links = ['one', 'other'];
  process.stdout.write('ready');
  for (;;) for (const name of links) {
    symlinkSync(name, 'next');
    renameSync('next', 'app');
  }`;

const looks = 400;

describe('a path that leads elsewhere from one moment to the next', () => {
  for (const connect of ['always', 'never'] as const) {
    it(`never shows one socket's file beside the other's peer${connect === 'never' ? ', without connecting' : ''}`, async () => {
      using directory = new TemporaryDirectory();
      await using one = await Peer.start();
      await using other = await Peer.start();
      await one.do('listen', directory.file('one'), 'stream', 1024);
      await other.do('listen', directory.file('other'), 'stream', 1024);
      chmodSync(directory.file('one'), 0o600);
      const owner = new Map(
        [one, other].map((peer, at) => [statSync(directory.file(['one', 'other'][at] ?? '')).ino, peer.pid]),
      );
      symlinkSync('one', directory.file('app'));
      const child = spawn(process.execPath, ['-e', swapper, directory.path], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        await once(child.stdout, 'data');
        const seen = new Set<number | undefined>();
        for (let look = 0; look < looks; look++) {
          const path = Buffer.from(directory.file('app'));
          using opened = await openAddress({ kind: 'path', path }, { timeout: 1000, connect }, Witness.silent());
          using inspected = inspect(opened, Witness.silent(), { holders: false });
          const pid = valueOf(inspected.facts.peer.credential)?.pid;
          assert.equal(owner.get(Number(opened.facts.file?.inode)), pid);
          seen.add(pid);
        }
        // Both came up, so that the path did turn meanwhile
        assert.equal(seen.size, 2);
      } finally {
        child.kill('SIGKILL');
        await once(child, 'close');
      }
    });
  }
});
