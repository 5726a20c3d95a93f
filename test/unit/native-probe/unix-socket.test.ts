import assert from 'node:assert/strict';

import { failedWith } from '../../../native-probe/syscall-error.js';
import {
  bind,
  connect,
  connectWaiting,
  listen,
  openBlockingSocket,
  openSocket,
} from '../../../native-probe/unix-socket.js';

describe('connectWaiting', () => {
  for (const timeout of [0, 0.5, 30]) {
    it(`gives up on a full backlog after ${timeout} ms`, async () => {
      const address = { kind: 'abstract', name: Buffer.from(`peerpid-test-${process.pid}-${timeout}`) } as const;
      using listener = openSocket('stream');
      bind(listener, address);
      listen(listener, 0);
      using first = openSocket('stream');
      connect(first, address);
      using second = openBlockingSocket('stream');
      await assert.rejects(connectWaiting(second, address, timeout), (error) => failedWith(error, 'EAGAIN'));
    });
  }
});
