import { uapi } from './uapi.js';

/** The size of sun_path. unix(7); a path may fill it without a NUL at its end. */
export const sunPathSize = 108;
const familySize = 2;

/** Room for any struct sockaddr_un that the kernel may answer. */
export const sockaddrSize = familySize + sunPathSize + 1;

/**
 * The address of an AF_UNIX socket, as bytes: a name need not be text.
 * `unnamed` is what a socket has that was never bound.
 */
export type UnixAddress =
  | { readonly kind: 'path'; readonly path: Buffer }
  | { readonly kind: 'abstract'; readonly name: Buffer }
  | { readonly kind: 'unnamed' };

/** The struct sockaddr_un of an address, of just the length that names it. unix(7), "Address format". */
export function encodeAddress(address: UnixAddress): Buffer {
  const family = Buffer.alloc(familySize);
  family.writeUInt16LE(uapi.AF_UNIX);
  switch (address.kind) {
    case 'path':
      return Buffer.concat(
        address.path.length < sunPathSize ? [family, address.path, Buffer.of(0)] : [family, address.path],
      );
    case 'abstract':
      return Buffer.concat([family, Buffer.of(0), address.name]);
    case 'unnamed':
      return family;
  }
}

/**
 * The address in a struct sockaddr_un.
 *
 * @param sockaddr - what the kernel wrote
 * @param length - the length that the kernel said
 */
export function decodeAddress(sockaddr: Buffer, length: number): UnixAddress {
  return decodeName(sockaddr.subarray(familySize, Math.min(length, sockaddr.length)));
}

/** The address in a sun_path: what getsockname(2) and UNIX_DIAG_NAME say of a bound socket. */
export function decodeName(name: Buffer): UnixAddress {
  if (name.length === 0) return { kind: 'unnamed' };
  if (name[0] === 0) return { kind: 'abstract', name: Buffer.from(name.subarray(1)) };
  const end = name.indexOf(0);
  return { kind: 'path', path: Buffer.from(end < 0 ? name : name.subarray(0, end)) };
}
