import { readFileSync } from 'node:fs';

import { leadsSomewhere } from '../../native-probe/paths.js';
import { sunPathSize, type UnixAddress } from '../../native-probe/unix-address.js';
import { wrongUsage } from '../words/problem.js';
import { escapedName, unescapedName } from '../words/text.js';
import { isPasted, pastedAddress } from './pasted-address.js';

/** What the user named: a socket by its address, or one that a process has open. */
export type Target =
  | { readonly kind: 'path'; readonly path: Buffer }
  | { readonly kind: 'abstract'; readonly name: Buffer }
  | { readonly kind: 'inode'; readonly inode: number }
  | { readonly kind: 'descriptor'; readonly pid: number | 'self'; readonly fd: number };

/** What clients connect to. */
export type AddressTarget = Extract<Target, { kind: 'path' | 'abstract' }>;

const descriptorPath = /^\/(?:proc\/(?:(\d+)|self|thread-self)|dev)\/fd\/(\d+)$/;

/** The largest pid_t, and the largest descriptor. */
const largestInt = 2 ** 31 - 1;

/**
 * What SOCKET means: `/proc/PID/fd/N`, `@name`, an address as other programs
 * write it, or a path. `\xNN` is a byte and `\u{N}` a character, in a path only
 * if no file has the path as it was typed.
 *
 * @throws Problem when it means nothing
 */
export function parseTarget(typed: string): Target {
  if (typed === '') throw wrongUsage('SOCKET is empty', 'Give a path, @name, socket:[INODE], or /proc/PID/fd/N.');
  const descriptor = descriptorPath.exec(typed);
  if (descriptor !== null) {
    const pid = descriptor[1] === undefined ? 'self' : Number(descriptor[1]);
    const fd = Number(descriptor[2]);
    // The kernel would take the lower 32 bits, and so another process or descriptor
    if (pid === 0 || Math.max(pid === 'self' ? 0 : pid, fd) > largestInt) {
      throw wrongUsage(
        `${typed} has a number that no process or descriptor can have`,
        '`peerpid scan --long` shows which processes have sockets open, and their descriptors.',
      );
    }
    return { kind: 'descriptor', pid, fd };
  }
  const bytes = typedBytes(typed);
  if (typed.startsWith('@')) return { kind: 'abstract', name: parseAbstractName(typed, bytes.subarray(1)) };
  const pasted = pastedAddress(bytes);
  if (pasted?.kind === 'inode') return pasted;
  if (pasted?.kind === 'abstract') return { kind: 'abstract', name: fitting(pasted.name) };
  if (pasted !== undefined) return { kind: 'path', path: withoutNul(typed, pasted.path) };
  const literal = !/\\[xu]/.test(typed) || leadsSomewhere(bytes);
  return { kind: 'path', path: withoutNul(typed, literal ? bytes : unescapedName(bytes)) };
}

function withoutNul(typed: string, path: Buffer): Buffer {
  if (path.includes(0)) throw wrongUsage(`${typed} has a NUL byte`, 'Only an abstract name may have one: @name.');
  return path;
}

function parseAbstractName(typed: string, escaped: Buffer): Buffer {
  if (escaped.length === 0) {
    throw wrongUsage('@ names nothing', 'An abstract name has at least one byte: @name, with \\xNN for any byte.');
  }
  if (/\\x(?![0-9a-fA-F]{2})/.test(escaped.toString('latin1'))) {
    throw wrongUsage(`${typed} has a broken escape`, '\\x takes two hexadecimal digits; a backslash itself is \\x5c.');
  }
  return fitting(unescapedName(escaped));
}

function fitting(name: Buffer): Buffer {
  // One byte of sun_path is the leading NUL
  if (name.length > sunPathSize - 1) {
    throw wrongUsage(
      `the abstract name is ${name.length} bytes long`,
      `The kernel has room for ${sunPathSize - 1} (unix(7)).`,
    );
  }
  return name;
}

/** The bytes that were typed, from /proc/self/cmdline: in its argv Node has replaced those that are not UTF-8. */
function typedBytes(typed: string): Buffer {
  if (!typed.includes('\ufffd')) return Buffer.from(typed, 'utf8');
  const args = readFileSync('/proc/self/cmdline');
  for (let start = 0; start < args.length;) {
    const end = args.indexOf(0, start);
    const arg = args.subarray(start, end < 0 ? args.length : end);
    if (arg.toString('utf8') === typed) return arg;
    start += arg.length + 1;
  }
  return Buffer.from(typed, 'utf8');
}

/**
 * Whether what was typed is the name of a unit of sockets, or of the service that has them, such as `docker.socket`,
 * rather than a path: systemd.unit(5). A file that has the name is what was meant.
 */
export function isSocketUnit(typed: string): boolean {
  return looksLikeUnit(typed) && !leadsSomewhere(typed);
}

function looksLikeUnit(typed: string): boolean {
  return /^[\w:.\\@-]+\.(?:socket|service)$/.test(typed) && !/^[@-]/.test(typed) && !isPasted(typed);
}

/** An address as SOCKET takes it back; undefined for a socket without one. */
export function formatAddress(address: UnixAddress): string | undefined {
  switch (address.kind) {
    case 'unnamed':
      return undefined;
    case 'abstract':
      return `@${escapedName(address.name)}`;
    case 'path': {
      const path = escapedName(address.path);
      // A relative path that would be taken for an abstract name, a flag, a unit or an address of another program
      return /^[@-]/.test(path) || isPasted(path) || looksLikeUnit(path) ? `./${path}` : path;
    }
  }
}

/** What the user named, as it is typed. */
export function formatTarget(target: Target): string {
  if (target.kind === 'descriptor') return `/proc/${target.pid}/fd/${target.fd}`;
  if (target.kind === 'inode') return `socket:[${target.inode}]`;
  return formatAddress(target) ?? '';
}
