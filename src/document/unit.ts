import { textOf, unescapedName } from '../words/text.js';

/** The container that a cgroup's path names. */
export interface Container {
  readonly runtime: string;
  /** As the runtime names it: a long hexadecimal id, or a machine's name. */
  readonly id: string;
}

/**
 * How container runtimes name their cgroups with systemd as the cgroup driver,
 * and those that have a name of their own without it too.
 */
const containerNames: readonly (readonly [runtime: string, pattern: RegExp])[] = [
  ['docker', /^docker-([0-9a-f]{64})\.scope$/],
  ['podman', /^libpod-(?:payload-)?([0-9a-f]{64})(?:\.scope)?$/],
  ['containerd', /^cri-containerd-([0-9a-f]{64})(?:\.scope)?$/],
  ['cri-o', /^crio-([0-9a-f]{64})(?:\.scope)?$/],
  ['lxc', /^lxc\.payload\.(.+)$/],
  ['systemd-nspawn', /^systemd-nspawn@(.+)\.service$/],
  ['machine', /^machine-(.+)\.scope$/],
];

const bareId = /^[0-9a-f]{64}$/;

/**
 * The container of a process, by the path of its cgroup; undefined when that
 * names none. The outermost: what is below it was named from inside.
 */
export function containerOfCgroup(cgroup: string): Container | undefined {
  const names = componentsOf(cgroup);
  for (const [index, name] of names.entries()) {
    for (const [runtime, pattern] of containerNames) {
      const id = pattern.exec(name)?.[1];
      if (id !== undefined) return { runtime, id: unescapedMachine(id) };
    }
    if (!bareId.test(name)) continue;
    const above = names.slice(0, index);
    if (above.at(-1) === 'docker') return { runtime: 'docker', id: name };
    if (above.some((one) => one.startsWith('kubepods'))) return { runtime: 'kubernetes', id: name };
  }
  return undefined;
}

/** systemd writes bytes that a unit's name may not have as `\xNN`, of which we have escaped the backslash. systemd.unit(5) */
function unescapedMachine(name: string): string {
  const asNamed = unescapedName(Buffer.from(name));
  return textOf(unescapedName(asNamed));
}

const unit = /\.(service|scope|socket|mount|swap)$/;

/** The systemd units of a process. */
export interface Units {
  /** Of the system's manager: its name is root's to give. */
  readonly unit: string | undefined;
  /** Below a user's manager (user@UID.service): its name is that user's to choose, so it may be any. */
  readonly userUnit: string | undefined;
}

/**
 * The systemd units of a process, by the path of its cgroup: the first
 * component that is no slice; and below a user's manager the first again.
 * Whatever is deeper was named by the service itself, or in a container, and
 * may say anything. systemd/src/basic/cgroup-util.c, cg_path_get_unit(), cg_path_get_user_unit()
 */
export function unitsOfCgroup(cgroup: string): Units {
  const [outer, ...below] = withoutSlices(componentsOf(cgroup));
  if (outer === undefined || !unit.test(outer)) return { unit: undefined, userUnit: undefined };
  const inner = /^user@\d+\.service$/.test(outer) ? withoutSlices(below)[0] : undefined;
  return { unit: outer, userUnit: inner !== undefined && unit.test(inner) ? inner : undefined };
}

function withoutSlices(names: readonly string[]): readonly string[] {
  const first = names.findIndex((name) => !name.endsWith('.slice'));
  return first < 0 ? [] : names.slice(first);
}

/** The names on the way, without the `..` of a cgroup outside our cgroup namespace and the mark of a removed one. */
function componentsOf(cgroup: string): string[] {
  return cgroup
    .replace(/ \(deleted\)$/, '')
    .split('/')
    .filter((name) => name !== '' && name !== '..')
    .map(unescapedUnit);
}

/** systemd puts `_` before a name that would clash with a file of cgroupfs. */
function unescapedUnit(name: string): string {
  return name.startsWith('_') ? name.slice(1) : name;
}
