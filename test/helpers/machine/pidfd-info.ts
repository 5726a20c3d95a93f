import type { Fd } from '../../../native-probe/fd.js';
import { ioctl } from '../../../native-probe/libc.js';
import { errnoName } from '../../../native-probe/syscall-error.js';

/** A struct pidfd_info with room for what later kernels added: 80 bytes, of which the first one had 64. */
const size = 80;

/** What ioctl(PIDFD_GET_INFO) gives when asked for this: an errno's name, or the mask, the wait(2) status and the core dump. */
export function askInfo(pidfd: Fd, mask: number): string {
  const info = Buffer.alloc(size);
  info.writeBigUInt64LE(BigInt(mask), 0);
  // _IOWR(0xFF, 11, size)
  const result = ioctl(pidfd.number, 0xc000ff0b + size * 0x10000, info);
  if (result < 0) return errnoName(-result);
  return `mask 0x${info.readBigUInt64LE(0).toString(16)}, status ${info.readInt32LE(60)}, core ${info.readUInt32LE(64)}`;
}
