import { forbiddingSwitch, userNamespaceSwitches } from '../../native-probe/namespace-switches.js';
import { readProc } from '../../native-probe/proc/read.js';
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
    const { name, allows } = found;
    return `${name} forbids it: \`sysctl ${name}=${allows}\` as root, or run it on another machine.`;
  }
  if (isFiltered()) {
    return 'A seccomp filter is on this process, as in a container: run it outside, or without that filter (docker run --security-opt seccomp=unconfined).';
  }
  return process.geteuid?.() === 0
    ? 'Root lacks CAP_SYS_ADMIN here, as in a container, or a security module forbids it: run it outside.'
    : 'User namespaces are not for this user here, or a security module forbids them: try with sudo.';
}

/** By /proc/self, not by our PID, which in another PID namespace's /proc is another process's. */
function isFiltered(): boolean {
  const status = valueOf(reading(() => readProc('/proc/self/status').toString('latin1')));
  return status !== undefined && /^Seccomp:\t2$/m.test(status);
}
