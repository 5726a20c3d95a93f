import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { hasEnded, openPidfd } from '../../native-probe/pidfd.js';

describe('hasEnded', () => {
  it('is not disturbed by signals that come while it asks', async () => {
    const ignore = (): void => undefined;
    process.on('SIGUSR2', ignore);
    const sender = spawn('sh', ['-c', `while kill -USR2 ${process.pid}; do :; done`]);
    const exited = once(sender, 'exit');
    try {
      using ourselves = openPidfd(process.pid);
      await once(process, 'SIGUSR2');
      // Some of thousands of signals come in the middle of a poll(2)
      const end = Date.now() + 1000;
      while (Date.now() < end) assert.equal(hasEnded(ourselves), false);
    } finally {
      sender.kill('SIGKILL');
      await exited;
      process.off('SIGUSR2', ignore);
    }
  });
});
