/**
 * Scans in several ways, and tells what it had open and where it was before
 * and after; then again with ever more descriptors left to open. Prints JSON.
 * To be run with a low limit of open files.
 */
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';

import { SyscallError } from '../../../native-probe/syscall-error.js';
import { SystemNames } from '../../../src/document/names.js';
import type { ScanDocument } from '../../../src/document/scan-document.js';
import { scan, type ScanOptions } from '../../../src/scanning/scan.js';

export interface ScanTrial {
  readonly what: string;
  /** `ok`, or what was thrown. */
  readonly came: string;
  /** Descriptors and the network namespace, as links. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly document?: ScanDocument;
}

const plain: ScanOptions = { audit: true, details: false, explain: false, ownNamespace: true };
const everything: ScanOptions = { audit: true, details: true, explain: true, ownNamespace: false };
const mostFree = 12;

function held(): string[] {
  const links: string[] = [readlinkSync('/proc/thread-self/ns/net')];
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      links.push(`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`);
    } catch {
      // That by which the directory is read
    }
  }
  return links;
}

function attempt(options: ScanOptions): Pick<ScanTrial, 'came' | 'document'> {
  try {
    return { came: 'ok', document: scan(options, new SystemNames()) };
  } catch (error) {
    return { came: error instanceof SyscallError ? error.code : String(error) };
  }
}

function trial(what: string, options: ScanOptions): ScanTrial {
  const before = held();
  const outcome = attempt(options);
  return { what, before, ...outcome, after: held() };
}

/** With so many descriptors left to open. */
function shortTrial(options: ScanOptions, free: number): ScanTrial {
  const before = held();
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    // There are no more
  }
  for (const fd of taken.splice(0, free)) closeSync(fd);
  const outcome = attempt(options);
  for (const fd of taken) closeSync(fd);
  return { what: `${free} free`, before, ...outcome, after: held() };
}

function inTheMiddle(): never {
  throw new Error('in the middle');
}

scan(everything, new SystemNames());
const trials = [
  trial('plain', plain),
  trial('no audit', { ...plain, audit: false }),
  trial('details', { ...plain, details: true }),
  trial('all namespaces', { ...plain, ownNamespace: false }),
  trial('everything', everything),
  trial('thrown', { ...everything, progress: inTheMiddle }),
];
for (const options of [plain, everything]) {
  for (let free = 0; free <= mostFree; free++) trials.push(shortTrial(options, free));
}
process.stdout.write(JSON.stringify(trials));
