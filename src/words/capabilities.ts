/** By their bit. <linux/capability.h>, capabilities(7) */
const names = [
  'chown',
  'dac_override',
  'dac_read_search',
  'fowner',
  'fsetid',
  'kill',
  'setgid',
  'setuid',
  'setpcap',
  'linux_immutable',
  'net_bind_service',
  'net_broadcast',
  'net_admin',
  'net_raw',
  'ipc_lock',
  'ipc_owner',
  'sys_module',
  'sys_rawio',
  'sys_chroot',
  'sys_ptrace',
  'sys_pacct',
  'sys_admin',
  'sys_boot',
  'sys_nice',
  'sys_resource',
  'sys_time',
  'sys_tty_config',
  'mknod',
  'lease',
  'audit_write',
  'audit_control',
  'setfcap',
  'mac_override',
  'mac_admin',
  'syslog',
  'wake_alarm',
  'block_suspend',
  'audit_read',
  'perfmon',
  'bpf',
  'checkpoint_restore',
] as const;

/** Such as `cap_sys_ptrace`. */
export type CapabilityName = `cap_${(typeof names)[number]}`;

/** Whether a capability is in a set. */
export function hasCapability(set: bigint, name: CapabilityName): boolean {
  const bit = names.findIndex((one) => one === name.slice('cap_'.length));
  return ((set >> BigInt(bit)) & 1n) === 1n;
}

/** Whether a process with these may load BPF programs that look at others, in the initial user namespace. capabilities(7) */
export function mayLoadBpf(set: bigint): boolean {
  return hasCapability(set, 'cap_sys_admin') || (hasCapability(set, 'cap_bpf') && hasCapability(set, 'cap_perfmon'));
}

/** Every capability of which this program knows the name. */
export const knownCapabilities: readonly string[] = names.map((name) => `cap_${name}`);

/** The names in a capability set, such as `cap_sys_ptrace`; a bit that is newer than this list has its number. */
export function capabilityNames(set: bigint): readonly string[] {
  // One after the other many have the same, such as none or all
  if (last.set !== set) last = { set, names: namesIn(set) };
  return last.names;
}

let last: { readonly set: bigint; readonly names: readonly string[] } = { set: 0n, names: [] };

function namesIn(set: bigint): string[] {
  const present: string[] = [];
  for (let bit = 0; set >> BigInt(bit) > 0n; bit++) {
    if ((set >> BigInt(bit)) & 1n) present.push(`cap_${names[bit] ?? bit}`);
  }
  return present;
}
