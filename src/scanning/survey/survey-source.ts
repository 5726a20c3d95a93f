import { isAnySockoptProgramLoaded } from '../../../native-probe/bpf/bpf-program.js';
import { SocketIterator } from '../../../native-probe/bpf/socket-iterator.js';
import type { SocketRecords } from '../../../native-probe/bpf/socket-records.js';
import { openPidfd } from '../../../native-probe/pidfd.js';
import { processStatus } from '../../../native-probe/proc/process.js';
import { procIsOurs } from '../../../native-probe/proc/system.js';
import type { SourceDocument } from '../../document/scan-document.js';
import { mayLoadBpf } from '../../words/capabilities.js';
import { errnoText } from '../../words/errno-text.js';
import { exitStatuses, Problem } from '../../words/problem.js';
import { reading, valueOf } from '../../words/reading.js';

/** From where a scan is to have who holds which sockets, and who their peers are. */
export interface SourceRequest {
  /** `auto`: from a BPF program where it can be had. */
  readonly wanted: 'auto' | 'bpf' | 'proc';
  /** The directory of the BPF objects. */
  readonly objects: string;
}

/** Where a scan has it from. Disposing of it unloads the program. */
export interface SurveySource extends Disposable {
  /** Has the program look now; undefined where /proc is walked instead. */
  readonly records: (() => SocketRecords) | undefined;
  readonly document: SourceDocument;
}

/** @throws Problem where `bpf` is wanted, and cannot be had */
export function openSource({ wanted, objects }: SourceRequest): SurveySource {
  if (wanted === 'proc') return walk({ by: 'proc' });
  // Its numbers are those of our PID namespace, and what is read of processes would be of others
  if (procIsOurs() !== true) return refused(wanted, 'the /proc that is mounted here is not that of this PID namespace');
  // Before libbpf is asked, which first reads megabytes of what the kernel tells of its types
  if (!mayLoad()) return refused(wanted, 'this process has neither CAP_BPF and CAP_PERFMON nor CAP_SYS_ADMIN');
  // Only a socket that is asked itself shows what such a program makes of the answer; the kernel's records do not
  const rewritten = wanted === 'auto' ? whyRewritten() : undefined;
  if (rewritten !== undefined) return refused(wanted, rewritten);
  // By its id is known whether a process that was told of still has its number
  const pidfd = reading(() => {
    using own = openPidfd(process.pid);
    return own.number;
  });
  const opened = 'error' in pidfd ? pidfd : reading(() => new SocketIterator(objects));
  if ('error' in opened) {
    const { syscall, code } = opened.error;
    return refused(wanted, `${syscall}: ${errnoText(code)}`);
  }
  const { value: iterator } = opened;
  return {
    records: () => iterator.records(),
    document: { by: 'bpf' },
    [Symbol.dispose]: () => {
      iterator[Symbol.dispose]();
    },
  };
}

function mayLoad(): boolean {
  return mayLoadBpf(valueOf(reading(() => processStatus(process.pid)))?.effectiveCapabilities ?? 0n);
}

/** Why what getsockopt(2) answers may be another than what the kernel has; undefined where no program is loaded that could. */
function whyRewritten(): string | undefined {
  const loaded = reading(isAnySockoptProgramLoaded);
  if ('error' in loaded)
    return `whether a BPF program rewrites what getsockopt(2) answers may not be seen: ${errnoText(loaded.error.code)}`;
  return loaded.value ? 'a BPF program is loaded that may rewrite what getsockopt(2) answers' : undefined;
}

function refused(wanted: SourceRequest['wanted'], why: string): SurveySource {
  if (wanted === 'bpf') {
    const hint =
      'It needs root (or CAP_BPF and CAP_PERFMON), libbpf.so.1 and /sys/kernel/btf/vmlinux. Without `--source bpf` /proc is walked.';
    throw new Problem('NO_BPF', `no BPF program can look: ${why}`, hint, exitStatuses.notPossibleHere);
  }
  return walk({ by: 'proc', notBpf: why });
}

function walk(document: SourceDocument): SurveySource {
  return { records: undefined, document, [Symbol.dispose]: () => undefined };
}
