import { readProc } from './proc/read.js';
import { failedWith } from './syscall-error.js';

/** A sysctl(8) that forbids namespaces with one value, and allows them with another. */
export interface NamespaceSwitch {
  readonly name: string;
  readonly forbids: number;
  readonly allows: number;
}

/** The switches that keep users from having user namespaces. */
export const userNamespaceSwitches: readonly NamespaceSwitch[] = [
  { name: 'user.max_user_namespaces', forbids: 0, allows: 15_000 },
  // Debian's
  { name: 'kernel.unprivileged_userns_clone', forbids: 0, allows: 1 },
  // Ubuntu's
  { name: 'kernel.apparmor_restrict_unprivileged_userns', forbids: 1, allows: 0 },
];

/** The first of the switches that forbids namespaces now; undefined where none does. */
export function forbiddingSwitch(switches: readonly NamespaceSwitch[]): NamespaceSwitch | undefined {
  return switches.find(({ name, forbids }) => valueOfSwitch(name) === forbids);
}

/** Undefined where there is no such switch. */
function valueOfSwitch(name: string): number | undefined {
  try {
    return Number(readProc(`/proc/sys/${name.replaceAll('.', '/')}`).toString('latin1'));
  } catch (error) {
    // EACCES and EPERM: a sandbox
    if (!failedWith(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM')) throw error;
    return undefined;
  }
}
