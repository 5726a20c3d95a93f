/**
 * Addresses as other programs write them: `unix:///run/x` (DOCKER_HOST), `unix:/run/x` (nginx, Node), D-Bus addresses,
 * `http+unix://%2Frun%2Fx`, `socket:[INODE]` (/proc/PID/fd). A file that is called so is named with `./` in front.
 */
import { wrongUsage } from '../words/problem.js';

/** What such an address names. */
export type Pasted =
  | { readonly kind: 'path'; readonly path: Buffer }
  | { readonly kind: 'abstract'; readonly name: Buffer }
  | { readonly kind: 'inode'; readonly inode: number };

const inodeForm = /^(?:socket:\[(\d+)\]|inode:(\d+))$/;
const urlForm = /^https?\+unix:\/\/([^/]*)/i;
const encodedPath = /^%2f/i;
/** dbus-daemon(1), "Server Addresses" of the D-Bus specification. */
const busForm = /^(?:unix|unixexec|tcp|nonce-tcp|launchd|systemd|vsock|autolaunch):(?:[a-z0-9_]+=|;|$)/;
const unixForm = /^unix:(?:\/\/)?/;

/** The largest inode number of a socket: the kernel gives them 32 bits. get_next_ino() in fs/inode.c */
const largestInode = 2 ** 32 - 1;

/** Whether what was typed is an address of another program, rather than a path. */
export function isPasted(typed: string): boolean {
  return [inodeForm, urlForm, encodedPath, busForm, unixForm].some((form) => form.test(typed));
}

/** The addresses between the commas of a list, of which those of D-Bus have commas of their own. */
export function splitAddresses(list: string): string[] {
  const addresses: string[] = [];
  for (const part of list.split(',')) {
    const last = addresses.at(-1);
    if (last !== undefined && busForm.test(last) && /^[a-z0-9_]+=/.test(part))
      addresses.push(`${addresses.pop() ?? ''},${part}`);
    else addresses.push(part);
  }
  return addresses;
}

/**
 * What an address of another program names; undefined for what is none.
 *
 * @param bytes - as typed
 * @throws Problem for an address that names no socket
 */
export function pastedAddress(bytes: Buffer): Pasted | undefined {
  // Latin-1 keeps each byte
  const typed = bytes.toString('latin1');
  const inode = inodeForm.exec(typed);
  if (inode !== null) return { kind: 'inode', inode: inodeOf(bytes.toString(), Number(inode[1] ?? inode[2])) };
  const host = urlForm.exec(typed)?.[1];
  if (host !== undefined) return named(bytes, decoded(host));
  if (encodedPath.test(typed)) return named(bytes, decoded(typed));
  if (busForm.test(typed)) return busAddress(bytes, typed);
  const scheme = unixForm.exec(typed)?.[0];
  return scheme === undefined ? undefined : named(bytes, typed.slice(scheme.length));
}

function inodeOf(typed: string, inode: number): number {
  if (inode > 0 && inode <= largestInode) return inode;
  throw wrongUsage(
    `${typed} has a number that no socket can have`,
    '`peerpid scan --long` shows the inode numbers of sockets.',
  );
}

/** The first socket of a list such as `unix:path=/run/x,guid=…;tcp:host=…`. */
function busAddress(bytes: Buffer, typed: string): Pasted {
  for (const address of typed.split(';')) {
    if (!address.startsWith('unix:')) continue;
    for (const pair of address.slice('unix:'.length).split(',')) {
      const [, key, value = ''] = /^(path|abstract)=(.*)$/s.exec(pair) ?? [];
      if (key === 'abstract') return named(bytes, `@${decoded(value)}`);
      if (key === 'path') return named(bytes, decoded(value));
    }
  }
  throw wrongUsage(
    `${bytes.toString()} is a D-Bus address without unix:path= or unix:abstract=`,
    'It does not name one local socket. Give a path or @name, or for a file of that name its path with ./ in front.',
  );
}

/** @param name - a path, or an abstract name after `@`, each character of it a byte */
function named(bytes: Buffer, name: string): Pasted {
  if (name === '' || name === '@') {
    throw wrongUsage(
      `${bytes.toString()} names no socket`,
      'Give a path or @name, or for a file of that name its path with ./ in front.',
    );
  }
  return name.startsWith('@')
    ? { kind: 'abstract', name: Buffer.from(name.slice(1), 'latin1') }
    : { kind: 'path', path: Buffer.from(name, 'latin1') };
}

/** `%XX` is a byte. RFC 3986, and D-Bus alike */
function decoded(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)));
}
