import assert from 'node:assert/strict';

import { exitStatusOf } from '../../../src/identity/wait-status.js';

describe('exitStatusOf', () => {
  for (const [waitStatus, expected] of [
    [0, { code: 0 }],
    [1792, { code: 7 }],
    [0xff00, { code: 255 }],
    [9, { signal: 'SIGKILL', coreDumped: false }],
    [0x86, { signal: 'SIGABRT', coreDumped: true }],
    [11 | 0x80, { signal: 'SIGSEGV', coreDumped: true }],
    [29, { signal: 'SIGIO', coreDumped: false }],
    [34, { signal: 'signal 34', coreDumped: false }],
  ] as const) {
    it(`reads ${waitStatus}`, () => {
      assert.deepEqual(exitStatusOf(waitStatus), expected);
    });
  }
});
