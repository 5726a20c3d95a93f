import { existsSync } from 'node:fs';

import { ProgramRefusedError } from '../../../native-probe/bpf/bpf-object.js';
import { libbpfName, libbpfVersion } from '../../../native-probe/bpf/libbpf.js';
import { SyscallError } from '../../../native-probe/syscall-error.js';
import { libbpfPackage } from '../../words/libbpf-package.js';
import { reading, refusalOf } from '../../words/reading.js';
import { doesNot, refused, type Trial, works } from '../row.js';

/** What the kernel has of its own types, by which programs find its fields. Documentation/bpf/btf.rst */
const ownTypes = '/sys/kernel/btf/vmlinux';

/**
 * The trial of BPF programs of ours, which libbpf loads.
 *
 * @param use - loads them, and lets go of them; returns what was seen
 */
export function tryOwnPrograms(use: () => string): Trial {
  const version = reading(() => libbpfVersion());
  if ('error' in version) {
    return doesNot(`There is no ${libbpfName} here.`, `Install libbpf: ${libbpfPackage}.`, version.error);
  }
  try {
    return works(`${use()}, by libbpf ${version.value}`);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return whyNot(error);
  }
}

function whyNot(error: SyscallError): Trial {
  const refusal = refusalOf(error);
  if (error.code === 'EPERM' || error.code === 'EACCES') {
    return refused(
      refusal,
      'The programs may not be loaded.',
      'Run it as root outside of containers: this needs CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, in the initial user namespace, a sandbox (seccomp) that allows bpf(2), and no kernel lockdown.',
    );
  }
  if (!existsSync(ownTypes)) {
    return doesNot(
      `There is no ${ownTypes}, by which programs find the kernel’s fields.`,
      'Use a kernel with CONFIG_DEBUG_INFO_BTF, and mount sysfs: `mount -t sysfs none /sys`.',
      refusal,
    );
  }
  const said = error instanceof ProgramRefusedError ? error.log.at(-1) : undefined;
  return doesNot(`The kernel does not take the programs${said === undefined ? '' : `: ${said}`}.`, undefined, refusal);
}
