import { uapi } from './uapi.js';

/** A struct open_how: flags, among which is O_CLOEXEC, and RESOLVE_*. <linux/openat2.h> */
export function openHow(flags: number, resolve: number): Buffer {
  const how = Buffer.alloc(uapi.openHowSize);
  how.writeBigUInt64LE(BigInt(uapi.O_CLOEXEC | flags), 0);
  how.writeBigUInt64LE(BigInt(resolve), 16);
  return how;
}
