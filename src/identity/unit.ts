import { namesOnTheWay, unescapedUnit } from './cgroup-names.js';

const unit = /\.(service|scope|socket|mount|swap)$/;

/** Where systemd has put a process. */
export interface Units {
  /** Of the system's manager, the innermost around the unit: its name is root's to give. */
  readonly slice: string | undefined;
  /** Of the system's manager: its name is root's to give. */
  readonly unit: string | undefined;
  /** Below a user's manager (user@UID.service): its name is that user's to choose, so it may be any. */
  readonly userUnit: string | undefined;
  /** The login session, by its scope, which systemd-logind names. */
  readonly session: string | undefined;
}

/**
 * The systemd units of a process, by the path of its cgroup: the slices that it
 * begins with, the first component that is none; and below a user's manager
 * the first again. Whatever is deeper was named by the service itself, or in a
 * container, and may say anything.
 * systemd/src/basic/cgroup-util.c, cg_path_get_slice(), cg_path_get_unit(), cg_path_get_user_unit(), cg_path_get_session()
 */
export function unitsOfCgroup(cgroup: string): Units {
  const names = namesOnTheWay(cgroup);
  const { slice, below } = slicesAbove(names);
  const [outer, ...inside] = below;
  if (outer === undefined || !unit.test(outer)) {
    return { slice, unit: undefined, userUnit: undefined, session: undefined };
  }
  const inner = /^user@\d+\.service$/.test(outer) ? slicesAbove(inside).below[0] : undefined;
  return {
    slice,
    unit: outer,
    userUnit: inner !== undefined && unit.test(inner) ? inner : undefined,
    session: /^session-([0-9A-Za-z]+)\.scope$/.exec(outer)?.[1],
  };
}

/** The last of the slices that the names begin with, and what comes after it. */
function slicesAbove(names: readonly string[]): { slice: string | undefined; below: readonly string[] } {
  const first = names.findIndex((name) => !isSlice(name));
  const count = first < 0 ? names.length : first;
  return { slice: names[count - 1], below: names.slice(count) };
}

function isSlice(name: string): boolean {
  return name.endsWith('.slice') && name !== '.slice';
}

/**
 * The path of the cgroup of {@link Units.unit}, with the names as they are there; undefined where the path names no unit.
 *
 * @param cgroup - as /proc/PID/cgroup has it
 */
export function pathOfUnit(cgroup: string): string | undefined {
  const names = cgroup.split('/');
  const first = names.findIndex((name) => name !== '' && name !== '..' && !isSlice(unescapedUnit(name)));
  return unit.test(names[first] ?? '') ? names.slice(0, first + 1).join('/') : undefined;
}
