import { libbpfName } from '../../../native-probe/bpf/libbpf.js';
import { SocketIterator } from '../../../native-probe/bpf/socket-iterator.js';
import { counted } from '../../words/counted.js';
import type { Row } from '../row.js';
import { tryOwnPrograms } from './own-programs.js';

export const scanByBpf: Row = {
  id: 'scan-by-bpf',
  group: 'bpf',
  name: 'scan by a BPF program',
  since: '5.11',
  tried: `dlopen(3) of ${libbpfName}, bpf(BPF_PROG_LOAD) of iter/task_file, and one pass of it`,
  without: '`scan` looks through /proc and asks each socket, which takes longer.',
  try: ({ objects }) =>
    tryOwnPrograms(() => {
      using iterator = new SocketIterator(objects);
      return `shows ${counted(iterator.records().count, 'descriptor')} of sockets`;
    }),
};
