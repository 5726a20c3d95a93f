import { constants } from 'node:fs';

import { openPath, statusOf } from '../../../native-probe/paths.js';
import { isLocalType, type Mount, mountOf } from '../../../native-probe/proc/mount.js';
import { openSocket } from '../../../native-probe/unix-socket.js';
import { connectReached, reach } from '../../socket/opening/reaching.js';
import type { SocketFile } from '../../socket/socket-file.js';
import { errorCodeOf, type Reading, reading, valueOf } from '../../words/reading.js';
import { escapedName, textOf } from '../../words/text.js';

/** The file at the path of a socket that cannot be reached. */
export interface UnreachedFile extends SocketFile {
  /** Whether it has no name any more: then only a mount of it keeps it here. */
  readonly isDeleted: boolean;
  /** The name that it had, from the root of its file system on, where mountinfo tells it. */
  readonly deletedName: Buffer | undefined;
  /** Its file system, in words, where a socket may be bound to another file than is seen here. */
  readonly layer: string | undefined;
  /** Whether any socket is bound to it, of whatever network namespace; undefined where the kernel does not say. */
  readonly isBound: boolean | undefined;
}

const deletedMark = '//deleted';

/**
 * What may show a file that stands for one below it or of another machine, by mountinfo: statfs(2) would ask the file
 * system, and wait for it.
 *
 * @returns its type, such as `overlay`, `fuse.sshfs`, `nfs4`, `9p` or `virtiofs`; undefined for one that has its files itself
 */
export function layerOf(mount: Mount | undefined): string | undefined {
  if (mount === undefined) return 'of an unknown type';
  return mount.type === 'overlay' || !isLocalType(mount.type) ? textOf(Buffer.from(mount.type, 'latin1')) : undefined;
}

/** The socket's file at a path; undefined where something else or nothing is there. Without waiting for its file system. */
export function unreachedFileAt(path: Buffer): Reading<UnreachedFile | undefined> {
  return reading(() => {
    using file = openPath(path, escapedName(path));
    const status = statusOf(file);
    if ((status.mode & constants.S_IFMT) !== constants.S_IFSOCK) return undefined;
    const mount = valueOf(reading(() => mountOf(file)));
    const root = mount?.root.toString('latin1') ?? '';
    return {
      ...status,
      isDeleted: status.links === 0,
      deletedName: root.endsWith(deletedMark) ? Buffer.from(root.slice(0, -deletedMark.length), 'latin1') : undefined,
      layer: layerOf(mount),
      isBound: isBound(
        reading(() => {
          using socket = openSocket('dgram');
          using reached = reach({ kind: 'path', path }, file);
          connectReached(socket, reached);
        }),
      ),
    };
  });
}

/**
 * What the answer to connect(2) of a datagram socket tells, of which a listener sees nothing: EPROTOTYPE where a socket
 * of another type is bound to the file, ECONNREFUSED where none is. Sockets that a listener accepted have its name, and
 * are not found by it. net/unix/af_unix.c, unix_find_bsd()
 */
function isBound(connected: Reading<void>): boolean | undefined {
  const code = errorCodeOf(connected);
  if (code === undefined || code === 'EPROTOTYPE' || code === 'EPERM') return true;
  return code === 'ECONNREFUSED' ? false : undefined;
}
