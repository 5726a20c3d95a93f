/** The platforms whose kernel numbers peerpid knows. Imports nothing, since on others koffi cannot be loaded either. */

/** An architecture whose kernel numbers peerpid knows, as process.arch names it. */
export type Architecture = 'x64' | 'arm64';

/** peerpid cannot work here at all: not Linux, or an architecture whose kernel numbers it does not have. */
export class UnsupportedPlatformError extends Error {
  override readonly name = 'UnsupportedPlatformError';
}

/** The architecture of this machine. @throws UnsupportedPlatformError */
export function supportedArchitecture(): Architecture {
  if (process.platform !== 'linux') {
    throw new UnsupportedPlatformError(`peerpid asks the Linux kernel, and this is ${process.platform}`);
  }
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    throw new UnsupportedPlatformError(
      `peerpid knows the kernel's numbers for x64 and arm64, and this is ${process.arch}`,
    );
  }
  return process.arch;
}
