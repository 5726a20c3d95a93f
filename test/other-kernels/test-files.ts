/** Which of the tests run on other kernels: those of which an answer of the kernel's may decide. */
import { NotReadyError } from './not-ready.js';

const files = [
  'kernel/from-kernel-to-kernel',
  'kernel/verdicts-by-kernel',
  'cli/doctor-and-kernels',
  'kernel/pinned',
  'kernel/exited',
  'kernel/recycled',
  'kernel/foreign',
  'kernel/none',
  'kernel/pass-options',
  'kernel/duplicates',
  'kernel/find-socket',
  'kernel/listener-handover',
  'kernel/messages-findings',
  'kernel/messages-namespaces',
  'kernel/messages-rights',
  'kernel/messages-selftest',
  'kernel/race-rounds',
  'cli/doctor',
  'cli/race',
  'cli/inspect',
  'cli/no-connect',
  'cli/connections',
  'cli/datagram',
  'cli/exit-status',
  'cli/send',
];

/**
 * The compiled files, relative to the checkout.
 *
 * @param only - those whose names have this in them
 */
export function testFiles(only = ''): string[] {
  const path = (name: string): string => `build/test/${name}.test.js`;
  const chosen = files.filter((name) => name.includes(only)).map(path);
  if (chosen.length === 0) throw new NotReadyError(`no test file has ${only} in its name: ${files.join(', ')}`);
  return chosen;
}
