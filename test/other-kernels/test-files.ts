/** Which of the tests run on other kernels: those of which an answer of the kernel's may decide. */
import { NotReadyError } from './not-ready.js';

const files = [
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
  'cli/trace/connections',
];

/**
 * The compiled files, relative to the checkout.
 *
 * @param only - those whose names have this in them
 */
export function testFiles(only = ''): string[] {
  const chosen = files.filter((name) => name.includes(only)).map((name) => `build/test/${name}.test.js`);
  if (chosen.length === 0) throw new NotReadyError(`no test file has ${only} in its name: ${files.join(', ')}`);
  return chosen;
}
