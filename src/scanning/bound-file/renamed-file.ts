/** Where a socket's file is when it is not at the path of bind(2): HAProxy, for one, binds a name and renames it. */
import { opendirSync } from 'node:fs';
import { dirname } from 'node:path';

import type { OpenedFile } from '../../../native-probe/siocunixfile.js';
import { asSyscall } from '../../../native-probe/syscall-error.js';
import { reading, valueOf } from '../../words/reading.js';
import { escapedName } from '../../words/text.js';
import type { Recognise } from './file-identity.js';
import { lookUp, type PathView, type Seen, within } from './path-view.js';

const deletedMark = Buffer.from(' (deleted)');

/** Where the kernel has the file now, or had it when its last name was removed. */
export function lastPathOf({ path, links }: OpenedFile): Buffer {
  const marked = path.subarray(-deletedMark.length).equals(deletedMark);
  return links === 0n && marked ? path.subarray(0, -deletedMark.length) : path;
}

/** The file where the kernel has it, in the first view that leads there. */
export function renamedTo(original: OpenedFile, views: readonly PathView[], isIt: Recognise): Seen | undefined {
  if (original.links === 0n) return undefined;
  // A file of several names, of which the one that was bound is gone, may have another beside it
  return firstOf(views, original.path, isIt) ?? besideIt(views, original.path, isIt);
}

function firstOf(views: readonly PathView[], path: Buffer, isIt: Recognise): Seen | undefined {
  for (const view of views) {
    const seen = valueOf(reading(() => lookUp(view, path)));
    if (seen !== undefined && isIt(seen)) return seen;
  }
  return undefined;
}

/** How many entries of a directory are read: it may have any number. */
const mostEntries = 2000;

/** The file under another name in the directory of a path. */
export function besideIt(views: readonly PathView[], path: Buffer, isIt: Recognise): Seen | undefined {
  for (const view of views) {
    const names = valueOf(reading(() => socketsIn(view, Buffer.from(dirname(path.toString('latin1')), 'latin1'))));
    const found = names === undefined ? undefined : names.map((name) => firstOf([view], name, isIt)).find(Boolean);
    if (found !== undefined) return found;
  }
  return undefined;
}

function socketsIn(view: PathView, path: Buffer): Buffer[] {
  return asSyscall(escapedName(path), () => {
    const directory = lookUp(view, path).path;
    const opened = opendirSync(within(view, directory), { encoding: 'latin1' });
    const found: Buffer[] = [];
    try {
      for (let count = 0; count < mostEntries; count++) {
        const entry = opened.readSync();
        if (entry === null) break;
        if (entry.isSocket()) found.push(Buffer.concat([directory, Buffer.from(`/${entry.name}`, 'latin1')]));
      }
    } finally {
      opened.closeSync();
    }
    return found;
  });
}
