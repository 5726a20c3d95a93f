import { processStatus } from '../../../native-probe/proc/process.js';
import { landlockVersion, securityModules } from '../../../native-probe/security-modules.js';
import type { AddressTarget } from '../../socket/address.js';
import { eitherOf } from '../../words/listed.js';
import { reading, valueOf } from '../../words/reading.js';

/** Modules that may forbid to reach a socket; the others that Linux has are about something else. */
const forbidding = /^(?:selinux|smack|tomoyo|apparmor|bpf|module \d+)$/;

/** The first version of landlock's rules that may forbid it. landlock(7) */
const landlockFrom = { abstract: 6, path: 9 } as const;

/**
 * What besides modes may forbid connect(2), as possibilities, each with what is seen of it here.
 *
 * @param kind - of the address; undefined where it was something else that was refused
 * @param more - what else may
 */
export function otherForbidders(kind: AddressTarget['kind'] | undefined, more: readonly string[] = []): string {
  const modules = reading(securityModules);
  const status = reading(() => processStatus(process.pid));
  const active = 'value' in modules ? modules.value.filter((name) => forbidding.test(name)) : [];
  const possible = [
    ...more,
    ...('error' in modules
      ? [`a security module, such as AppArmor or SELinux (which ones are active is not known: ${modules.error.code})`]
      : active.map((name) => `the security module ${name}, which is active here`)),
    ...(kind === undefined ? [] : landlockSandbox(kind)),
    ...('error' in status
      ? [`a seccomp filter (whether peerpid has one is not known: ${status.error.code})`]
      : status.value.seccomp === 0
        ? []
        : ['the seccomp filter that peerpid runs under']),
  ];
  if (possible.length === 0) {
    return 'No security module is active that could do this, and peerpid is under no seccomp filter: try again, as a mode may have changed in the meantime.';
  }
  return `It may be ${eitherOf(possible)}${active.length > 0 || 'error' in modules ? '. The kernel log (`journalctl -k`) may say' : ''}.`;
}

/** Nothing tells a process that it is in one. */
function landlockSandbox(kind: AddressTarget['kind']): string[] {
  const version = valueOf(reading(landlockVersion));
  if (version === undefined || version < landlockFrom[kind]) return [];
  const sockets = kind === 'abstract' ? 'abstract sockets' : 'sockets of paths';
  return [
    `a landlock sandbox that peerpid was started in, which may keep it from ${sockets} that were made outside (landlock(7); /proc does not show whether it is in one)`,
  ];
}
