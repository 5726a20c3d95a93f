import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import { CallingThread } from '../../../../native-probe/calls/calling-thread.js';
import { Alarm } from '../../../../native-probe/epoll.js';

describe('a thread that makes calls', () => {
  it('makes each chain of them once, also where whoever tells it loses the processor at any moment', () => {
    const busy = Array.from({ length: availableParallelism() }, () => spawn('sh', ['-c', 'while :; do :; done']));
    try {
      using counter = new Alarm();
      const told = 500;
      for (let chain = 0; chain < told; chain++) {
        // A new one, which may begin with what it is to do at once
        const thread = new CallingThread({ answer: 4096, stack: 65536 });
        const one = thread.answer.subarray(0, 8);
        one.writeBigUInt64LE(1n);
        thread.begin([['write', counter.fd.number, one, 8]]);
        while (!thread.hasMade(1000));
        thread.end();
      }
      const count = Buffer.alloc(8);
      readSync(counter.fd.number, count);
      assert.equal(count.readBigUInt64LE(), BigInt(told));
    } finally {
      for (const process of busy) process.kill('SIGKILL');
    }
  });
});
