import { forbiddingSwitch, userNamespaceSwitches } from '../../native-probe/namespace-switches.js';
import { readProc } from '../../native-probe/proc/read.js';
import { hasCapability } from '../words/capabilities.js';
import { reading, valueOf } from '../words/reading.js';

/** The namespaces of a race, besides the user namespace. */
const otherSwitches = ['pid', 'mnt', 'net'].map((kind) => ({
  name: `user.max_${kind}_namespaces`,
  forbids: 0,
  allows: 15_000,
}));

/** What makes namespaces of our own possible here, in a sentence. */
export function waysToNamespaces(): string {
  const found = forbiddingSwitch([...userNamespaceSwitches, ...otherSwitches]);
  if (found !== undefined) {
    const { name, forbids, allows } = found;
    return `${name} is ${forbids}, which forbids it: run it as root, or on another machine. \`sysctl ${name}=${allows}\` would let every user and program have them, which opens more of the kernel to attack.`;
  }
  if (isFiltered()) {
    return 'This process is under a seccomp filter, as in a container, which may forbid it: run it outside.';
  }
  if (process.geteuid?.() !== 0) {
    return 'This user may not be allowed user namespaces here, or a security module may forbid them: try with sudo.';
  }
  return hasCapSysAdmin()
    ? 'Root has CAP_SYS_ADMIN here, so it may be a security module, or a limit of the user namespace that it is in: run it outside.'
    : 'Root has no CAP_SYS_ADMIN here, as in a container: run it outside.';
}

function isFiltered(): boolean {
  return /^Seccomp:\t2$/m.test(ownStatus());
}

function hasCapSysAdmin(): boolean {
  const [, effective = '0'] = /^CapEff:\t([0-9a-f]+)$/m.exec(ownStatus()) ?? [];
  return hasCapability(BigInt(`0x${effective}`), 'cap_sys_admin');
}

/** By /proc/self, not by our PID, which in another PID namespace's /proc is another process's. Empty where it is not there. */
function ownStatus(): string {
  return valueOf(reading(() => readProc('/proc/self/status').toString('latin1'))) ?? '';
}
