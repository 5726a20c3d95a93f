import { processStatus } from '../../../native-probe/proc/process.js';
import { securityModules } from '../../../native-probe/security-modules.js';
import { eitherOf } from '../../words/listed.js';
import { reading } from '../../words/reading.js';

/** Modules that may forbid to reach a socket; the others that Linux has are about something else. */
const forbidding = /^(?:selinux|smack|tomoyo|apparmor|bpf|landlock|module \d+)$/;

/** What besides modes may forbid connect(2), as possibilities, each with what is seen of it here. */
export function otherForbidders(): string {
  const modules = reading(securityModules);
  const status = reading(() => processStatus(process.pid));
  const active = 'value' in modules ? modules.value.filter((name) => forbidding.test(name)) : [];
  const possible = [
    ...('error' in modules
      ? [`a security module, such as AppArmor or SELinux (which are active is not told: ${modules.error.code})`]
      : active.map((name) => `the security module ${name}, which is active here`)),
    ...('error' in status
      ? [`a seccomp filter (whether peerpid has one is not told: ${status.error.code})`]
      : status.value.seccomp === 0
        ? []
        : ['the seccomp filter that peerpid runs under']),
  ];
  if (possible.length === 0) {
    return 'Neither a security module that could is active, nor a seccomp filter on peerpid: try again, as a mode may have changed meanwhile.';
  }
  return `It may be ${eitherOf(possible)}${active.length > 0 || 'error' in modules ? ': the kernel log (`journalctl -k`) may tell' : ''}.`;
}
