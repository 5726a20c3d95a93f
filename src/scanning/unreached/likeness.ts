/** How a socket of the kernel's list is like the address that leads to none. */
import { basename } from 'node:path';

import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import type { NamedAddress } from '../../socket/opening/reaching.js';
import { asListed, isBoundTo } from '../../socket/opening/find-socket.js';
import type { UnreachedFile } from './unreached-file.js';

/** From the surest to the vaguest. */
export const likenesses = [
  /** It is bound to the file that is there, or has the abstract name. */
  'bound',
  /** It was bound to the path, and to another file than is there. */
  'named',
  /** It listens at the path that the deleted file had. */
  'remade',
  /** It has the first 107 or 108 bytes of the path. */
  'cut',
  /** The abstract names differ in NUL bytes at their ends. */
  'padded',
  /** An abstract name for a path, or the other way round. */
  'other-kind',
  /** One letter is another, too many, missing, or has changed places with the next. */
  'misspelt',
  /** A path with the same last part. */
  'namesake',
] as const;
export type Likeness = (typeof likenesses)[number];

/** What was looked for. */
export interface MeantSocket {
  readonly address: NamedAddress;
  /** Of a path: as it was typed, absolute, and with its directory resolved. */
  readonly spellings: readonly Buffer[];
  readonly file: UnreachedFile | undefined;
}

/** Bytes of a path that a program may cut: sun_path without and with a NUL at its end. unix(7) */
const cutLengths = [107, 108];

/** A last part that is shorter is on many sockets. */
const shortestNamesake = 4;

/** @returns undefined where they have nothing in common */
export function likenessOf(socket: DiagSocket, { address, spellings, file }: MeantSocket): Likeness | undefined {
  if (isBoundTo(socket, address, file)) return 'bound';
  const { address: there } = socket;
  if (there.kind === 'unnamed') return undefined;
  if (there.kind === 'path' && address.kind === 'path' && spellings.some((path) => path.equals(there.path))) {
    // On btrfs and some overlays stat(2) tells another device than the list
    return file !== undefined && socket.file?.inode === asListed(file).inode ? 'bound' : 'named';
  }
  // What else has a like name is told where clients reach it
  if (socket.state !== 'listening' && socket.type !== 'dgram') return undefined;
  if (there.kind === 'abstract') {
    if (address.kind === 'path')
      return spellings.some((path) => path.equals(withoutNuls(there.name))) ? 'other-kind' : undefined;
    if (withoutNuls(there.name).equals(withoutNuls(address.name))) return 'padded';
    return areOneEditApart(there.name, address.name) ? 'misspelt' : undefined;
  }
  if (address.kind === 'abstract') return there.path.equals(withoutNuls(address.name)) ? 'other-kind' : undefined;
  if (file?.deletedName !== undefined && endsWith(there.path, file.deletedName)) return 'remade';
  if (spellings.some((path) => isCut(path, there.path))) return 'cut';
  if (spellings.some((path) => areOneEditApart(path, there.path))) return 'misspelt';
  const name = nameOf(address.path);
  return name.length >= shortestNamesake && name === nameOf(there.path) ? 'namesake' : undefined;
}

function nameOf(path: Buffer): string {
  return basename(path.toString('latin1'));
}

function isCut(path: Buffer, there: Buffer): boolean {
  return (
    path.length > there.length && cutLengths.includes(there.length) && path.subarray(0, there.length).equals(there)
  );
}

function endsWith(path: Buffer, end: Buffer): boolean {
  return end.length > 1 && path.length >= end.length && path.subarray(path.length - end.length).equals(end);
}

/** A name without the NUL bytes at its end. */
export function withoutNuls(name: Buffer): Buffer {
  let end = name.length;
  while (end > 0 && name[end - 1] === 0) end--;
  return name.subarray(0, end);
}

/** Whether two different names become equal when one letter is changed, added, left out, or changes places with the next. */
export function areOneEditApart(one: Buffer, other: Buffer): boolean {
  if (one.length > other.length) return areOneEditApart(other, one);
  // Of two or three letters, many are one apart
  if (one.length < shortestNamesake || other.length - one.length > 1) return false;
  let from = 0;
  while (from < one.length && one[from] === other[from]) from++;
  if (other.length > one.length) return one.subarray(from).equals(other.subarray(from + 1));
  if (from === one.length) return false;
  if (one.subarray(from + 1).equals(other.subarray(from + 1))) return true;
  const areSwapped = one[from] === other[from + 1] && one[from + 1] === other[from];
  return areSwapped && one.subarray(from + 2).equals(other.subarray(from + 2));
}
