import { dirname } from 'node:path';

import { openPath, pathOf, statusAt } from '../../../native-probe/paths.js';
import type { NamedAddress } from '../../socket/opening/reaching.js';
import { asListed } from '../../socket/opening/find-socket.js';
import { reading, valueOf } from '../../words/reading.js';
import { escapedName } from '../../words/text.js';
import { type BoundFile, boundFile } from '../bound-file/bound-file.js';
import { type Candidate, findCandidates, type Unseen } from './candidates.js';
import type { Likeness } from './likeness.js';
import { type UnreachedFile, unreachedFileAt } from './unreached-file.js';

/** Why a socket was not reached, as far as the kernel's list, the mounts and /proc tell. */
export interface Unreached {
  /** The socket's file at the path; undefined where there is none, and of an abstract name. */
  readonly file: UnreachedFile | undefined;
  /** How the candidates are like the address; undefined where there are none. */
  readonly likeness: Likeness | undefined;
  /** Those that are alike in the surest way, what clients reach first: no more than are told of. */
  readonly candidates: readonly Candidate[];
  /** How many there are. */
  readonly count: number;
  /** What became of the first one's file, if that was bound to the path and is not there. */
  readonly became: BoundFile | undefined;
  /** A path by which the first one's file is reached from here. */
  readonly way: Buffer | undefined;
  readonly unseen: Unseen;
}

/**
 * Looks for what was meant by an address at which no socket was reached. What it looks at is bounded, and it waits for
 * no file system that does not answer.
 */
export function whyUnreached(address: NamedAddress): Unreached {
  const file = address.kind === 'path' ? valueOf(unreachedFileAt(address.path)) : undefined;
  const found = findCandidates({ address, spellings: spellingsOf(address), file });
  const [first] = found.candidates;
  const became =
    found.likeness === 'named' && first !== undefined ? valueOf(boundFile(first.socket, first.holders)) : undefined;
  return { file, ...found, became, way: first && wayTo(first, became) };
}

/** A path as it was typed, absolute, and with the links of its directory resolved. */
function spellingsOf(address: NamedAddress): Buffer[] {
  if (address.kind === 'abstract') return [address.name];
  const typed = address.path.toString('latin1');
  const absolute = valueOf(reading(() => absoluteOf(typed)));
  const resolved = reading(() => {
    const directory = Buffer.from(dirname(typed), 'latin1');
    using opened = openPath(directory, escapedName(directory));
    return joined(pathOf(opened).toString('latin1'), typed.slice(typed.lastIndexOf('/') + 1));
  });
  const spellings = [typed, absolute, valueOf(resolved)].filter((path) => path !== undefined);
  return [...new Set(spellings)].map((path) => Buffer.from(path, 'latin1'));
}

function absoluteOf(path: string): string {
  if (path.startsWith('/')) return path;
  using here = openPath(Buffer.from('.'), '.');
  return joined(pathOf(here).toString('latin1'), path.replace(/^(?:\.\/+)+/, ''));
}

function joined(directory: string, name: string): string {
  return `${directory === '/' ? '' : directory}/${name}`;
}

/** Looks for the file of a socket by the path that it has now or was bound to, here and as its holders see it. */
function wayTo({ socket, holders }: Candidate, became: BoundFile | undefined): Buffer | undefined {
  if (socket.address.kind !== 'path') return undefined;
  const path = became?.there === 'moved' ? became.to : socket.address.path;
  const isAbsolute = path[0] === 0x2f;
  const roots = holders.map(({ pid }) => `/proc/${pid}/${isAbsolute ? 'root' : 'cwd/'}`);
  return (isAbsolute ? ['', ...roots] : roots)
    .map((root) => Buffer.concat([Buffer.from(root), path]))
    .find((way) => {
      const there = valueOf(reading(() => statusAt(way, escapedName(way))));
      if (there === undefined) return false;
      const listed = asListed(there);
      // Some file systems tell stat(2) another device than the list; that it is the file was found out before then
      const isKnown = became?.there === 'bound' || became?.there === 'moved';
      return listed.inode === socket.file?.inode && (isKnown || listed.device === socket.file.device);
    });
}
