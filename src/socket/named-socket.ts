import { readlinkSync } from 'node:fs';

import type { DiagSocket } from '../../native-probe/diag-socket.js';
import { openPath, pathOf, statusOf } from '../../native-probe/paths.js';
import { asSyscall } from '../../native-probe/syscall-error.js';
import { Witness } from '../words/evidence.js';
import { type Reading, reading, valueOf } from '../words/reading.js';
import { escapedName } from '../words/text.js';
import { formatAddress, formatTarget, parseTarget } from './address.js';
import { asListed } from './opening/find-socket.js';
import { withNulBytes } from './opening/nul-as-at.js';

/** By what a socket that was named is known again in the kernel's list, whatever name it was bound to. */
export interface NamedSocket {
  /** As the list may have its address. */
  readonly addresses: readonly string[];
  /** The file that a path leads to now, as the list has it, or why none was found. */
  readonly file?: Reading<NonNullable<DiagSocket['file']>>;
  /** Of the socket itself. */
  readonly inode?: number;
}

/**
 * Looks at what SOCKET names. Nothing is connected to.
 *
 * @throws Problem when it means nothing, or several sockets
 */
export function findNamed(typed: string): NamedSocket {
  const target = withNulBytes(parseTarget(typed), Witness.silent());
  switch (target.kind) {
    case 'inode':
      return { addresses: [], inode: target.inode };
    case 'descriptor':
      return { addresses: [], ...inodeAt(formatTarget(target)) };
    case 'abstract':
      return { addresses: [formatTarget(target)] };
    case 'path': {
      const { path } = target;
      const found = reading(() => {
        using file = openPath(path, escapedName(path));
        return { listed: asListed(statusOf(file)), path: valueOf(reading(() => pathOf(file))) };
      });
      if ('error' in found) return { addresses: [formatTarget(target)], file: found };
      // On btrfs and some overlays stat(2) tells another device than the list: there the name of the file itself counts
      const real = found.value.path && formatAddress({ kind: 'path', path: found.value.path });
      return {
        addresses: [formatTarget(target), ...(real === undefined ? [] : [real])],
        file: { value: found.value.listed },
      };
    }
  }
}

/** The inode number of the socket that a process has open, which its link in /proc names. proc_pid_fd(5) */
function inodeAt(link: string): Pick<NamedSocket, 'inode'> {
  const target = valueOf(reading(() => asSyscall(link, () => readlinkSync(link))));
  const inode = /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1];
  return inode === undefined ? {} : { inode: Number(inode) };
}
