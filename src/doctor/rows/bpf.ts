import type { Row } from '../row.js';
import { bpfAbove } from './bpf-above.js';
import { bpfSkipsPidfd } from './bpf-skips-pidfd.js';
import { scanByBpf } from './scan-by-bpf.js';
import { traceByBpf } from './trace-by-bpf.js';

/** What BPF programs on cgroups can do to the answers, whether one does, and whether ours can look. */
export const bpfRows: readonly Row[] = [bpfSkipsPidfd, bpfAbove, scanByBpf, traceByBpf];
