/** Where the trees of cgroups are mounted. cgroups(7), proc_pid_mountinfo(5) */
import { unescapedField } from './mount.js';
import { readProc } from './read.js';

/** A mount of a tree of cgroups. */
export interface CgroupMount {
  readonly directory: string;
  /** The cgroup at its top, as /proc/self/cgroup would name it: `/` unless only a part of the tree is mounted. */
  readonly root: string;
}

/** The first mount of the v2 tree, or another that was mounted over it; undefined where there is none. @throws SyscallError without /proc */
export function cgroup2(): CgroupMount | undefined {
  return findMount((type) => type === 'cgroup2');
}

/** The trees that are looked at: that of v2, and of v1 the freezer's and the one without a controller in which systemd has its units. */
type Tree = 'unified' | 'freezer' | 'systemd';

const v1Options: Readonly<Record<Exclude<Tree, 'unified'>, string>> = { freezer: 'freezer', systemd: 'name=systemd' };

const known = new Map<Tree, CgroupMount | undefined>();

/**
 * The directory of a cgroup of a tree. The mounts are looked for once, since thousands of processes may be looked at.
 *
 * @param path - as /proc/PID/cgroup has it
 * @returns undefined where no mount shows it
 * @throws SyscallError without /proc
 */
export function cgroupDirectory(tree: Tree, path: string): Buffer | undefined {
  if (!known.has(tree)) known.set(tree, tree === 'unified' ? cgroup2() : cgroup1(v1Options[tree]));
  const mount = known.get(tree);
  const below = mount && pathBelow(mount, path);
  return mount && below !== undefined
    ? Buffer.concat([Buffer.from(mount.directory), Buffer.from(below, 'latin1')])
    : undefined;
}

/** The first mount of a v1 tree; undefined where there is none. */
function cgroup1(wanted: string): CgroupMount | undefined {
  return findMount((type, options) => type === 'cgroup' && options.split(',').includes(wanted));
}

/** Where below a mount a cgroup is; undefined where that does not show it. */
export function pathBelow({ root }: CgroupMount, path: string): string | undefined {
  const top = root === '/' ? '' : root;
  // Where the cgroup namespace has another root than the mount, one of the two has `..`, which no cgroup is called
  if (/\/\.\.(\/|$)/.test(`${top}/${path}`)) return undefined;
  return path === top || path.startsWith(`${top}/`) ? path.slice(top.length) : undefined;
}

function findMount(isWanted: (type: string, options: string) => boolean): CgroupMount | undefined {
  let found: CgroupMount | undefined;
  for (const line of readProc('/proc/self/mountinfo').toString('utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [type = '', , options = ''] = after.split(' ');
    if (!isWanted(type, options)) continue;
    const [, , , root = '', directory = ''] = before.split(' ').map(unescapedField);
    if (found === undefined || found.directory === directory) found = { directory, root };
  }
  return found;
}
