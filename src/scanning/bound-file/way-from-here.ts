import { statusAt } from '../../../native-probe/paths.js';
import { readProcLink } from '../../../native-probe/proc/read.js';
import { reading, valueOf } from '../../words/reading.js';
import { escapedName } from '../../words/text.js';
import type { Seen } from './path-view.js';

/** The path by which we reach a file that was seen as another process sees it; undefined where none leads to it. */
export function wayFromHere({ view, path, file }: Seen): Buffer | undefined {
  const way = valueOf(reading(() => Buffer.concat([rootFromHere(view), path])));
  const there = way && valueOf(reading(() => statusAt(way, escapedName(way))));
  return there?.inode === file.inode && there.device === file.device ? way : undefined;
}

/** After chroot(2) the kernel tells where the root is; into another mount namespace no path of ours leads. */
function rootFromHere({ process, ours }: Seen['view']): Buffer {
  if (process === 'self') return Buffer.alloc(0);
  const link = `/proc/${process}/root`;
  if (!ours) return Buffer.from(link);
  const root = readProcLink(link);
  return root.equals(Buffer.from('/')) ? Buffer.alloc(0) : root;
}
