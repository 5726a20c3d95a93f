import * as libc from './libc.js';
import { check } from './syscall-error.js';
import { uapi } from './uapi.js';

/**
 * Makes a call in which this process is given no descriptor, by a soft RLIMIT_NOFILE of 0 meanwhile. Those that are open
 * stay. No other thread of ours opens any while JavaScript runs. getrlimit(2)
 */
export function withoutNewDescriptors<T>(call: () => T): T {
  const [before, none] = [Buffer.alloc(16), Buffer.alloc(16)];
  check(libc.getrlimit(uapi.RLIMIT_NOFILE, before), 'getrlimit');
  before.copy(none);
  none.writeBigUInt64LE(0n);
  check(libc.setrlimit(uapi.RLIMIT_NOFILE, none), 'setrlimit');
  try {
    return call();
  } finally {
    check(libc.setrlimit(uapi.RLIMIT_NOFILE, before), 'setrlimit');
  }
}
