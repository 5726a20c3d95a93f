/** Paths as other processes see them: each has a root, a mount namespace and a working directory of its own. */
import { type BigIntStats, lstatSync, readlinkSync, statSync } from 'node:fs';
import { constants } from 'node:os';

import { readProcLink } from '../../../native-probe/proc/read.js';
import { asSyscall, SyscallError } from '../../../native-probe/syscall-error.js';
import type { GuardedDirectory } from '../../socket/guards.js';
import type { SocketFile } from '../../socket/socket-file.js';
import { type Reading, reading, valueOf } from '../../words/reading.js';
import { escapedName } from '../../words/text.js';

/** What is at a path now. */
export interface FileThere extends SocketFile {
  readonly isSocket: boolean;
}

/** A root from which paths are looked up: our own, or another process's through /proc/PID/root. */
export interface PathView {
  /** The same for all processes that have this view. */
  readonly id: string;
  /** What goes before an absolute path: nothing for our own root. */
  readonly root: string;
  /** The process whose /proc/PID/mountinfo lists the mounts of this view. */
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
export const ownView: PathView = { id: 'own', root: '', process: 'self', ours: true };

/**
 * The views of processes, one object for equal ones. A view that equals ours is {@link ownView}, whose paths are
 * shorter and need no permission.
 *
 * @returns the view of each process that may be looked through; an error where there are only others
 */
export function viewsOf(pids: readonly number[]): Reading<ReadonlyMap<number, PathView>> {
  const own = valueOf(reading(() => rootOf('self')));
  const known = new Map(own === undefined ? [] : [[own.id, ownView]]);
  const views = new Map<number, PathView>();
  let refused: Reading<never> | undefined;
  for (const pid of pids) {
    const root = reading(() => rootOf(pid));
    if ('error' in root) {
      refused ??= root;
      continue;
    }
    const { id, namespace } = root.value;
    const view = known.get(id) ?? { id, root: `/proc/${pid}/root`, process: pid, ours: namespace === own?.namespace };
    known.set(id, view);
    views.set(pid, view);
  }
  return views.size === 0 && refused !== undefined ? refused : { value: views };
}

/** What tells one view from another: a mount namespace, and a directory in it. */
function rootOf(process: number | 'self'): { readonly id: string; readonly namespace: string } {
  const namespace = readProcLink(`/proc/${process}/ns/mnt`).toString('latin1');
  const { dev, ino } = asSyscall(`/proc/${process}/root`, () => statSync(`/proc/${process}/root`, { bigint: true }));
  return { id: `${namespace} ${dev} ${ino}`, namespace };
}

/**
 * The working directory of a process as a path of its view, in which there are no links.
 *
 * @throws SyscallError when it may not be looked into, or its working directory cannot be reached from its root
 */
export function workingDirectory(pid: number, view: PathView): string {
  const root = readProcLink(`/proc/${pid}/root`).toString('latin1');
  const whole = readProcLink(`/proc/${pid}/cwd`).toString('latin1');
  // After chroot(2) both are as seen from outside; from another mount namespace its root is always /
  const inside = root !== '/' && `${whole}/`.startsWith(`${root}/`) ? whole.slice(root.length) : whole;
  const directory = Buffer.from(`${view.root}${inside}`, 'latin1');
  const [there, real] = asSyscall(escapedName(directory), () => [statSync(directory), statSync(`/proc/${pid}/cwd`)]);
  if (there.dev !== real.dev || there.ino !== real.ino) {
    throw new SyscallError('stat', constants.errno.ENOENT, escapedName(directory));
  }
  return inside;
}

/**
 * The file that connect(2) would find at a path. Nothing is opened: it may be a FIFO or a device.
 *
 * @param from - of a relative path, the directory from which on it is looked up, in latin1: without any links
 * @throws SyscallError as stat(2) does
 */
export function lookUp(view: PathView, path: Buffer, from = ''): Seen {
  return asSyscall(escapedName(path), () => {
    const resolved = Buffer.from(resolve(view.root, path.toString('latin1'), from), 'latin1');
    const stat = lstatSync(within(view, resolved), { bigint: true });
    return { view, file: fileThere(stat), path: resolved };
  });
}

/** What stat(2) tells of a file. */
export function fileThere(stat: BigIntStats): FileThere {
  const [uid, gid, mode] = [stat.uid, stat.gid, stat.mode].map(Number) as [number, number, number];
  return { uid, gid, mode, inode: stat.ino, device: stat.dev, isSocket: stat.isSocket() };
}

/** The path by which we reach what a view has at a path. */
export function within(view: PathView, path: Buffer): Buffer {
  return Buffer.concat([Buffer.from(view.root), path]);
}

/** Directories on the way to a file that others than owner and group may not enter, from the root on. */
export function guardsOf({ view, path }: Seen): Reading<readonly GuardedDirectory[]> {
  return reading(() =>
    asSyscall(escapedName(path), () => {
      const guards: GuardedDirectory[] = [];
      for (let end = 0; end >= 0; end = path.indexOf('/', end + 1)) {
        const directory = end === 0 ? Buffer.from('/') : path.subarray(0, end);
        const { uid, gid, mode } = statSync(within(view, directory));
        if ((mode & 0o001) === 0) guards.push({ path: directory, uid, gid, mode });
      }
      return guards;
    }),
  );
}

const mostLinks = 40; // <linux/namei.h>, MAXSYMLINKS

/**
 * path_resolution(7) below another root. The kernel would follow an absolute
 * link below /proc/PID/root, as /var/run often is, from *our* root. In latin1,
 * which keeps every byte.
 */
function resolve(root: string, path: string, from: string): string {
  const ahead = path.split('/').reverse();
  let done = from.split('/').filter(Boolean);
  let links = 0;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      done.pop();
      continue;
    }
    const link = linkAt(Buffer.from(`${root}/${[...done, name].join('/')}`, 'latin1'));
    if (link === undefined) {
      done.push(name);
      continue;
    }
    if (++links > mostLinks)
      throw new SyscallError('stat', constants.errno.ELOOP, escapedName(Buffer.from(path, 'latin1')));
    if (link.startsWith('/')) done = [];
    ahead.push(...link.split('/').reverse());
  }
  return `/${done.join('/')}`;
}

/** lstat(2) first: most are no links, and an error of readlink(2) takes Node longer than all the rest. */
function linkAt(path: Buffer): string | undefined {
  return lstatSync(path).isSymbolicLink() ? readlinkSync(path, { encoding: 'buffer' }).toString('latin1') : undefined;
}
