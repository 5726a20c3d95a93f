import type { Row } from '../row.js';
import { bpfAbove } from './bpf-above.js';
import { bpfSkipsPidfd } from './bpf-skips-pidfd.js';

/** What BPF programs on cgroups can do to the answers, and whether one does. */
export const bpfRows: readonly Row[] = [bpfSkipsPidfd, bpfAbove];
