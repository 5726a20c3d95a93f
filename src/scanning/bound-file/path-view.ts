/** Paths as other processes see them: each has a root, a mount namespace and a working directory of its own. */
import { constants as fileConstants } from 'node:fs';
import { constants } from 'node:os';

import { type Fd, openFile } from '../../../native-probe/fd.js';
import { type FileStatus, openPath, pathOf, statusAt, statusOf, statusThrough } from '../../../native-probe/paths.js';
import { readProcLink } from '../../../native-probe/proc/read.js';
import { SyscallError } from '../../../native-probe/syscall-error.js';
import { uapi } from '../../../native-probe/uapi.js';
import { barOf } from '../../socket/access/bar.js';
import { listAt } from '../../socket/access/way.js';
import { guardAt, type GuardedDirectory } from '../../socket/guards.js';
import type { SocketFile } from '../../socket/socket-file.js';
import { type Reading, reading, valueOf } from '../../words/reading.js';
import { escapedName } from '../../words/text.js';

/** What is at a path now. */
export interface FileThere extends SocketFile {
  readonly isSocket: boolean;
  /** The number of the mount that it is on. */
  readonly mount: bigint;
}

/** A root from which paths are looked up: our own, or another process's through /proc/PID/root. */
export interface PathView {
  /** The same for all processes that have this view. */
  readonly id: string;
  /** The process whose /proc/PID/root and mountinfo are of this view. */
  readonly process: number | 'self';
  /** Whether the view is of our own mount namespace: then a root other than ours comes from chroot(2). */
  readonly ours: boolean;
}

/** A file as one view has it. */
export interface Seen {
  readonly view: PathView;
  readonly file: FileThere;
  /** With all symbolic links resolved. */
  readonly path: Buffer;
}

/** Paths as this process sees them. */
export const ownView: PathView = { id: 'own', process: 'self', ours: true };

/**
 * The views of processes, one object for equal ones. A view that equals ours is {@link ownView}, which needs no
 * permission.
 *
 * @returns the view of each process that may be looked through; an error where there are only others
 */
export function viewsOf(pids: readonly number[]): Reading<ReadonlyMap<number, PathView>> {
  const own = valueOf(reading(() => viewOf('self')));
  const known = new Map(own === undefined ? [] : [[own.id, ownView]]);
  const views = new Map<number, PathView>();
  let refused: Reading<never> | undefined;
  for (const pid of pids) {
    const root = reading(() => viewOf(pid));
    if ('error' in root) {
      refused ??= root;
      continue;
    }
    const { id, namespace } = root.value;
    const view = known.get(id) ?? { id, process: pid, ours: namespace === own?.namespace };
    known.set(id, view);
    views.set(pid, view);
  }
  return views.size === 0 && refused !== undefined ? refused : { value: views };
}

/** What tells one view from another: a mount namespace, and a directory in it. */
function viewOf(process: number | 'self'): { readonly id: string; readonly namespace: string } {
  const namespace = readProcLink(`/proc/${process}/ns/mnt`).toString('latin1');
  const root = statusThrough(`/proc/${process}/root`);
  return { id: viewId(namespace, root), namespace };
}

function viewId(namespace: string, { device, inode }: FileStatus): string {
  return `${namespace} ${device} ${inode}`;
}

/** The root of a view; undefined for our own. @throws SyscallError where its process has another by now, or is another */
function rootOf({ id, process }: PathView): Fd | undefined {
  if (process === 'self') return undefined;
  const link = `/proc/${process}/root`;
  const root = openFile(link, uapi.O_PATH | uapi.O_DIRECTORY);
  const namespace = readProcLink(`/proc/${process}/ns/mnt`).toString('latin1');
  if (viewId(namespace, statusOf(root)) === id) return root;
  root[Symbol.dispose]();
  throw new SyscallError('stat', constants.errno.ESRCH, link);
}

/**
 * The working directory of a process as a path of its view, in which there are no links.
 *
 * @throws SyscallError when it may not be looked into, or its working directory cannot be reached from its root
 */
export function workingDirectory(pid: number, view: PathView): string {
  const link = `/proc/${pid}/cwd`;
  const root = readProcLink(`/proc/${pid}/root`).toString('latin1');
  const directory = withoutRoot(readProcLink(link).toString('latin1'), root) ?? '';
  const subject = escapedName(Buffer.from(directory, 'latin1'));
  using from = rootOf(view);
  const [there, real] = [statusAt(Buffer.from(directory, 'latin1'), subject, from), statusThrough(link)];
  if (there.device === real.device && there.inode === real.inode) return directory;
  throw new SyscallError('stat', constants.errno.ENOENT, subject);
}

/** A path as the kernel tells it, from outside of what chroot(2) made the root: as it is from inside. In latin1. */
function withoutRoot(path: string, root: string): string | undefined {
  if (root === '/') return path;
  if (path === root) return '/';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

/**
 * The file that connect(2) would find at a path. Nothing is opened: it may be a FIFO or a device.
 *
 * @param from - of a relative path, the directory from which on it is looked up, in latin1: without any links
 * @throws SyscallError as stat(2) does; ETIMEDOUT or EBUSY where a file system does not answer in time
 */
export function lookUp(view: PathView, path: Buffer, from = ''): Seen {
  using opened = openIn(view, path, from);
  const status = statusOf(opened);
  // Without a name it is reached by a bind mount, or has just lost it: the kernel marks its path
  const there = pathIn(view, opened);
  const file = fileThere(status);
  return {
    view,
    file: file.isSocket ? { ...file, ...rulesAt(opened, status, view) } : file,
    path: status.links === 0 ? withoutMark(there) : there,
  };
}

/** Who is let in besides what the mode says: thousands of files have neither. */
function rulesAt(file: Fd, status: FileStatus, { process }: PathView): Pick<SocketFile, 'accessList' | 'bar'> {
  const [accessList, bar] = [listAt(file, process), barOf(file, status, process)];
  return accessList === undefined && bar === undefined ? noRules : { accessList, bar };
}

const noRules = {};

const deletedMark = Buffer.from(' (deleted)');

/** The path of a file whose last name is gone, as it was. */
export function withoutMark(path: Buffer): Buffer {
  return path.subarray(-deletedMark.length).equals(deletedMark) ? path.subarray(0, -deletedMark.length) : path;
}

/** What a view has at a path, open with O_PATH. */
export function openIn(view: PathView, path: Buffer, from = ''): Fd {
  using root = rootOf(view);
  return openPath(Buffer.concat([Buffer.from(`${from}/`, 'latin1'), path]), escapedName(path), root);
}

/** The path of an open file in a view, with all links resolved. @throws SyscallError ENOENT where it has none there */
export function pathIn(view: PathView, file: Fd): Buffer {
  const path = pathOf(file);
  if (view.process === 'self') return path;
  const root = readProcLink(`/proc/${view.process}/root`).toString('latin1');
  const inside = withoutRoot(path.toString('latin1'), root);
  if (inside === undefined) throw new SyscallError('stat', constants.errno.ENOENT, escapedName(path));
  return Buffer.from(inside, 'latin1');
}

/** What statx(2) tells of a file. */
export function fileThere({ uid, gid, mode, inode, device, mount }: FileStatus): FileThere {
  const isSocket = (mode & fileConstants.S_IFMT) === fileConstants.S_IFSOCK;
  return { uid, gid, mode, inode, device, mount, isSocket };
}

/** Directories on the path to a file that not everybody may enter, from the root on. */
export function guardsOf({ view, path }: Seen): Reading<readonly GuardedDirectory[]> {
  return reading(() => {
    const guards: GuardedDirectory[] = [];
    using root = rootOf(view);
    for (let end = 0; end >= 0; end = path.indexOf('/', end + 1)) {
      const directory = end === 0 ? Buffer.from('/') : path.subarray(0, end);
      using opened = openPath(directory, escapedName(directory), root);
      guards.push(...guardAt(opened, directory, view.process));
    }
    return guards;
  });
}
