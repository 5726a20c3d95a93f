/** Which of the tests run on other kernels: those of which an answer of the kernel's may decide. */
import type { Architecture } from './architecture.js';
import { NotReadyError } from './not-ready.js';

const ofKernels = [
  'kernel/native-probe/from-kernel-to-kernel',
  'kernel/inspection/verdicts-by-kernel',
  'cli/doctor/kernels',
  'kernel/inspection/pinned',
  'kernel/inspection/exited',
  'kernel/inspection/recycled',
  'kernel/inspection/foreign',
  'kernel/inspection/none',
  'kernel/native-probe/pass-options',
  'kernel/socket/opening/duplicates',
  'kernel/socket/opening/find-socket',
  'kernel/inspection/listener-handover',
  'kernel/inspection/messages/findings',
  'kernel/inspection/messages/namespaces',
  'kernel/inspection/messages/rights',
  'kernel/inspection/messages/selftest',
  'kernel/racing/rounds',
  'cli/doctor/doctor',
  'cli/race/race',
  'cli/inspect/inspect',
  'cli/inspect/no-connect',
  'cli/inspect/connections',
  'cli/datagram',
  'cli/exit-status',
  'cli/send/send',
  'kernel/native-probe/bpf/compiled-programs',
  'kernel/native-probe/bpf/socket-iterator',
  'kernel/tracing/client-now',
  'cli/scan/sources',
  'cli/trace/connections',
  'cli/trace/limits',
];

/** What an architecture decides besides: how structures are laid out, how calls are numbered and made. */
const ofArchitectures = [
  'kernel/identity/proc-mounts',
  'kernel/identity/read-race',
  'kernel/listening/event-loop',
  'kernel/native-probe/calls/after-signal',
  'kernel/native-probe/calls/calling-child',
  'kernel/native-probe/calls/calling-thread',
  'kernel/native-probe/calls/question',
  'kernel/native-probe/calls/starting-over',
  'kernel/native-probe/datagram-receiver',
  'kernel/native-probe/network-namespace',
  'kernel/native-probe/own-cgroup',
  'kernel/native-probe/sendmsg-memory',
  'kernel/native-probe/socket-cookies',
  'kernel/doctor/rows/bpf',
  'kernel/inspection/bpf',
  'cli/listen/file',
  'cli/listen/held-client',
  'cli/listen/threads',
  'cli/scan/backlog',
  'cli/scan/by-socket',
  'cli/scan/datagrams',
  'cli/scan/ended',
  'cli/scan/holders',
  'cli/scan/rows',
];

/**
 * The compiled files, relative to the checkout.
 *
 * @param only - those whose names have one of these in them
 */
export function testFiles({ name: architecture }: Architecture, only: readonly string[] = ['']): string[] {
  // On amd64 the tests of every day run on this machine's own kernel
  const files = architecture === 'amd64' ? ofKernels : [...ofKernels, ...ofArchitectures];
  const chosen = files
    .filter((name) => only.some((part) => name.includes(part)))
    .map((name) => `build/test/${name}.test.js`);
  if (chosen.length === 0)
    throw new NotReadyError(`no test file has ${only.join(' or ')} in its name: ${files.join(', ')}`);
  return chosen;
}
