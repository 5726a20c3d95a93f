import { ConnectionTracer } from '../../../native-probe/bpf/connection-tracer.js';
import { libbpfName } from '../../../native-probe/bpf/libbpf.js';
import type { Row } from '../row.js';
import { tryOwnPrograms } from './own-programs.js';

/** Has each program of `peerpid trace` loaded and attached, and taken away at once. */
export const traceByBpf: Row = {
  id: 'trace',
  group: 'bpf',
  name: 'tracing by BPF programs',
  // With atomic operations, which the programs have
  since: '5.12',
  tried: `dlopen(3) of ${libbpfName}; bpf(2): the programs of trace, loaded and attached`,
  without: '`trace`: who connects to which socket, as it happens.',
  try: ({ objects }) =>
    tryOwnPrograms(() => {
      using _tracer = new ConnectionTracer(objects, { accepts: true, ends: true, messages: true });
      return 'loads and attaches the programs of `trace`';
    }),
};
