import { libbpfName } from '../../native-probe/bpf/libbpf.js';
import { ProgramRefusedError } from '../../native-probe/bpf/bpf-object.js';
import { failedWith } from '../../native-probe/syscall-error.js';
import { exitStatuses, Problem } from '../words/problem.js';
import { libbpfPackage } from '../words/libbpf-package.js';
import type { RefusalCode } from '../words/reading.js';
import { errnoText } from '../words/errno-text.js';

/** Lines of the verifier that are shown: its last. */
const mostLines = 20;

/**
 * Starts what needs BPF.
 *
 * @param explain - is given what the verifier said last
 * @throws Problem where it is not possible here, with why
 */
export function tracedOrProblem<T>(start: () => T, explain: (lines: readonly string[]) => void): T {
  try {
    return start();
  } catch (error) {
    if (failedWith(error, 'ENOENT') && error.syscall === 'dlopen') {
      throw notPossible('ENOENT', `there is no ${libbpfName} here`, `It is in ${libbpfPackage}.`);
    }
    if (!(error instanceof ProgramRefusedError)) throw error;
    explain(error.log.slice(-mostLines));
    throw refused(error);
  }
}

function refused({ code, subject, log }: ProgramRefusedError): Problem {
  if (code === 'EPERM' || code === 'EACCES') {
    return process.geteuid?.() === 0
      ? notPossible(
          code,
          `the kernel refused the BPF program ${subject}: ${errnoText(code)}`,
          'This needs CAP_BPF and CAP_PERFMON in the initial user namespace: a container or a sandbox may lack them, and a security module or kernel lockdown may forbid it.',
        )
      : notPossible(code, 'you may not load BPF programs', 'Run it as root, or with CAP_BPF and CAP_PERFMON.');
  }
  if (code === 'ESRCH' || code === 'ENOENT') {
    return notPossible(
      code,
      'the kernel does not show its types (/sys/kernel/btf/vmlinux)',
      'It needs CONFIG_DEBUG_INFO_BTF, and a mounted /sys: `peerpid doctor trace` says what is missing.',
    );
  }
  return notPossible(
    code,
    `the kernel refused the BPF program ${subject}: ${log.at(-1) ?? errnoText(code)}`,
    'This needs Linux 5.12 or later, built with CONFIG_DEBUG_INFO_BTF (/sys/kernel/btf/vmlinux). `--explain` shows what the verifier said.',
  );
}

function notPossible(code: RefusalCode, message: string, hint: string): Problem {
  return new Problem(code, message, hint, exitStatuses.notPossibleHere);
}

/** Of `--count`: whether as many came as were waited for. @throws Problem when tracing ended before */
export function requireTraced(
  { connections, messages }: { readonly connections: number; readonly messages: number },
  wanted: number,
): void {
  const came = connections + messages;
  if (wanted === Infinity || came >= wanted) return;
  throw new Problem(
    'INCOMPLETE',
    `stopped after ${came} of ${wanted} calls`,
    'It waits until that many have come, unless Ctrl-C, a signal or --duration stops it first.',
  );
}
