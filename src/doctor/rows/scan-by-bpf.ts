import { libbpfName, libbpfVersion } from '../../../native-probe/bpf/libbpf.js';
import { SocketIterator } from '../../../native-probe/bpf/socket-iterator.js';
import { counted } from '../../words/counted.js';
import { reading, type Refusal } from '../../words/reading.js';
import { doesNot, refused, type Row, type Trial, works } from '../row.js';

const rights =
  'Run it as root outside of containers: bpf(2) needs CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, in the initial user namespace, and a sandbox (seccomp) that allows it.';

export const scanByBpf: Row = {
  id: 'scan-by-bpf',
  group: 'bpf',
  name: 'scan by a BPF program',
  since: '5.11',
  tried: `dlopen(3) of ${libbpfName}, bpf(BPF_PROG_LOAD) of iter/task_file, and one pass of it`,
  without: '`scan` looks through /proc and asks each socket, which takes longer.',
  try: ({ objects }) => {
    const version = reading(() => libbpfVersion());
    if ('error' in version) {
      return doesNot(`${libbpfName} is not here.`, 'Install libbpf 1 (Debian: libbpf1).', version.error);
    }
    const passed = reading(() => {
      using iterator = new SocketIterator(objects);
      return iterator.records().count;
    });
    if ('error' in passed) return whyNot(passed.error);
    return works(`shows ${counted(passed.value, 'descriptor')} of sockets; libbpf ${version.value}`);
  },
};

function whyNot(error: Refusal): Trial {
  switch (error.code) {
    case 'EPERM':
    case 'EACCES':
      return refused(error, 'The program may not be loaded.', rights);
    case 'ENOENT':
    case 'ESRCH':
      return doesNot(
        'There is no /sys/kernel/btf/vmlinux, by which the program finds the kernel’s fields.',
        'A kernel with CONFIG_DEBUG_INFO_BTF.',
        error,
      );
    default:
      return doesNot('The kernel does not take the program.', undefined, error);
  }
}
