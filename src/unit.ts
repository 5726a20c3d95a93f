/** The container that a cgroup's path tells of. */
export interface Container {
  readonly runtime: string;
  /** As the runtime names it: a long hexadecimal id, or a machine's name. */
  readonly id: string;
}

const hexId = '[0-9a-f]{64}';

/** How container runtimes name their cgroups, with systemd as the cgroup driver and without. */
const containerPatterns: readonly (readonly [runtime: string, pattern: RegExp])[] = [
  ['docker', new RegExp(`/docker-(${hexId})\\.scope`)],
  ['docker', new RegExp(`/docker/(${hexId})`)],
  ['podman', new RegExp(`/libpod-(?:payload-)?(${hexId})`)],
  ['containerd', new RegExp(`/cri-containerd-(${hexId})`)],
  ['cri-o', new RegExp(`/crio-(${hexId})`)],
  ['kubernetes', new RegExp(`/kubepods[^/]*/(?:[^/]+/)*(${hexId})`)],
  ['lxc', /\/lxc\.payload\.([^/]+)/],
  ['systemd-nspawn', /\/systemd-nspawn@([^/]+)\.service/],
  ['machine', /\/machine-([^/]+)\.scope/],
];

/** The container of a process, by the path of its cgroup; undefined when that names none. */
export function containerOfCgroup(cgroup: string): Container | undefined {
  for (const [runtime, pattern] of containerPatterns) {
    const id = pattern.exec(cgroup)?.[1];
    if (id !== undefined) return { runtime, id };
  }
  return undefined;
}

const unitSuffix = /\.(service|scope|socket|mount|swap)$/;

/**
 * The systemd unit of a process, by the path of its cgroup: the first
 * component that is no slice; below a user's manager (user@UID.service) the
 * user's own unit. systemd/src/basic/cgroup-util.c, cg_path_get_unit()
 */
export function unitOfCgroup(cgroup: string): string | undefined {
  const names = cgroup.split('/').map(unescapedUnit);
  const outer = names.findIndex((name) => unitSuffix.test(name));
  if (outer < 0) return undefined;
  if (/^user@\d+\.service$/.test(names[outer] ?? '')) {
    return names.slice(outer + 1).find((name) => unitSuffix.test(name)) ?? names[outer];
  }
  return names[outer];
}

/** systemd puts `_` before a name that would clash with a file of cgroupfs. */
function unescapedUnit(name: string): string {
  return name.startsWith('_') ? name.slice(1) : name;
}
