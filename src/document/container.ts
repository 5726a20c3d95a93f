import { namesOnTheWay } from '../identity/cgroup-names.js';
import { unitsOfCgroup } from '../identity/unit.js';
import { textOf, unescapedName } from '../words/text.js';

/** The container that a cgroup's path names. */
export interface Container {
  readonly runtime: string;
  /** As the runtime names it: a long hexadecimal id, a machine's name, an application's id, or a snap and its program. */
  readonly id: string;
  /** The UID of the Kubernetes pod that it is in, where it is in one. */
  readonly pod?: string;
  /** What docker or podman calls it, where an inspection asked; absent where nobody answered. */
  readonly name?: string;
  /** The image that it was made from, likewise. */
  readonly image?: string;
}

/**
 * How container runtimes name their cgroups with systemd as the cgroup driver,
 * and those that have a name of their own without it too. A name with colons
 * is what a kubelet asks of systemd, as a containerd that uses no systemd
 * takes it.
 */
const containerNames: readonly (readonly [runtime: string, pattern: RegExp])[] = [
  ['docker', /^docker-([0-9a-f]{64})\.scope$/],
  ['podman', /^libpod-(?:payload-)?([0-9a-f]{64})(?:\.scope)?$/],
  ['containerd', /^(?:cri-containerd-|.+\.slice:cri-containerd:)([0-9a-f]{64})(?:\.scope)?$/],
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
  const application = confinedApplication(cgroup);
  if (application !== undefined) return application;
  const names = namesOnTheWay(cgroup);
  for (const [index, name] of names.entries()) {
    const found = namedBy(name, names.slice(0, index));
    if (found === undefined) continue;
    const pod = podNamedBy(names.slice(0, index + 1));
    return { ...found, ...(pod !== undefined && { pod }) };
  }
  return undefined;
}

function namedBy(name: string, above: readonly string[]): Container | undefined {
  for (const [runtime, pattern] of containerNames) {
    const id = pattern.exec(name)?.[1];
    if (id !== undefined) return { runtime, id: unescapedMachine(id) };
  }
  // LXC before 4.0, and Proxmox VE to this day
  if (above.length === 1 && (above[0] === 'lxc' || above[0] === 'lxc.payload')) return { runtime: 'lxc', id: name };
  if (!bareId.test(name)) return undefined;
  if (above.at(-1) === 'docker') return { runtime: 'docker', id: name };
  if (above.some(isKubepods)) return { runtime: 'kubernetes', id: name };
  return undefined;
}

function isKubepods(name: string): boolean {
  return name.startsWith('kubepods');
}

/**
 * The pod around a container: kubelet names a slice of systemd's
 * `kubepods-burstable-podUID.slice`, in which it writes `_` for the `-` of the
 * UID, and a directory of its own `kubepods/burstable/podUID`.
 * kubernetes/pkg/kubelet/cm/cgroup_manager_linux.go, escapeSystemdCgroupName()
 */
function podNamedBy(names: readonly string[]): string | undefined {
  for (const [index, name] of names.entries()) {
    const escaped = /^(?:.+-)?kubepods(?:-burstable|-besteffort)?-pod([^:]+)\.slice(?::|$)/.exec(name)?.[1];
    if (escaped !== undefined) return escaped.replaceAll('_', '-');
    const uid = /^pod(.+)$/.exec(name)?.[1];
    if (uid !== undefined && names.slice(0, index).some(isKubepods)) return uid;
  }
  return undefined;
}

/** flatpak/common/flatpak-run.c: the id of the application, and a number of this instance. */
const flatpak = /^app-flatpak-(.+)-\d+\.scope$/;
/** snapd/sandbox/cgroup/scanning.go: a service, or what was run by its name, with a UUID; formerly after a dot. */
const snap =
  /^snap\.([^.]+\.(?:hook\.)?[^.]+)(?:\.service|[-.][0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.scope)$/;

/** What flatpak and snap run is a unit of systemd's: deeper in the cgroup the names mean nothing. */
function confinedApplication(cgroup: string): Container | undefined {
  const { unit, userUnit } = unitsOfCgroup(cgroup);
  for (const name of [unit, userUnit]) {
    if (name === undefined) continue;
    const application = flatpak.exec(name)?.[1];
    if (application !== undefined) return { runtime: 'flatpak', id: unescapedMachine(application) };
    const program = snap.exec(name)?.[1];
    if (program !== undefined) return { runtime: 'snap', id: unescapedMachine(program) };
  }
  return undefined;
}

/** systemd writes bytes that a unit's name may not have as `\xNN`, of which we have escaped the backslash. systemd.unit(5) */
function unescapedMachine(name: string): string {
  const asNamed = unescapedName(Buffer.from(name));
  return textOf(unescapedName(asNamed));
}
