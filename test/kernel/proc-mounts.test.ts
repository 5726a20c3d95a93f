import assert from 'node:assert/strict';

import { Listening } from '../helpers/listening.js';
import { Peer } from '../helpers/peer.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/requirements.js';
import { TemporaryDirectory } from '../helpers/temporary.js';

const withoutProc = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];

describe('the /proc that is mounted', () => {
  before(function () {
    requirePrograms(this, 'unshare', 'mount');
    requireThat(this, isRoot, 'mounting /proc takes root');
  });

  describe('is not there at all', () => {
    it('listen goes by the pidfd, to the exit status', async () => {
      using directory = new TemporaryDirectory();
      await using listening = await Listening.start(['--once', directory.file('socket')], { wrapper: withoutProc });
      await using client = await Peer.start();
      await client.do('connect', directory.file('socket'));
      const { verdict, byPidfd } = await listening.next('connection');
      assert.equal(verdict, 'pinned');
      assert.equal(byPidfd?.pid, client.pid);
      await client.exit(7);
      assert.deepEqual((await listening.next('exit')).byPidfd.exitStatus, { code: 7 });
    });
  });
});
