import { clockGettime } from './libc.js';
import { check } from './syscall-error.js';
import { uapi } from './uapi.js';

/** Nanoseconds since boot, the time in suspend included: CLOCK_BOOTTIME, as bpf_ktime_get_boot_ns() has it. clock_gettime(2) */
export function bootNanoseconds(): bigint {
  const time = Buffer.alloc(16);
  check(clockGettime(uapi.CLOCK_BOOTTIME, time), 'clock_gettime');
  return time.readBigInt64LE(0) * 1_000_000_000n + time.readBigInt64LE(8);
}
