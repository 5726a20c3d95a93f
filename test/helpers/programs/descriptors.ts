/**
 * Inspects sockets many times, and counts its own descriptors before and
 * after; then again with ever more of them left to open. Takes targets as
 * arguments, prints JSON. To be run with a low limit of open files.
 */
import { closeSync, openSync, readdirSync } from 'node:fs';

import { SyscallError } from '../../../native-probe/syscall-error.js';
import { describeInspection } from '../../../src/document/describe-inspection.js';
import { SystemNames } from '../../../src/document/names.js';
import { inspect } from '../../../src/inspection/inspect.js';
import { parseTarget } from '../../../src/socket/address.js';
import { openTarget } from '../../../src/socket/opening/open-target.js';
import type { Verdict } from '../../../src/verdict/verdict.js';
import { Witness } from '../../../src/words/evidence.js';

export interface DescriptorCount {
  readonly target: string;
  readonly verdict: Verdict;
  /** Descriptors that are open after many inspections, less those before. */
  readonly left: number;
  /** For 0, 1, 2 and so on descriptors that were free: what came of it, and how many were left open. */
  readonly short: readonly { readonly came: string; readonly left: number }[];
}

const rounds = 100;
const mostFree = 12;

function openDescriptors(): number {
  // Less the one by which the directory is read
  return readdirSync('/proc/self/fd').length - 1;
}

async function verdictOf(target: string): Promise<Verdict> {
  using opened = await openTarget(parseTarget(target), { timeout: 1000 }, Witness.silent());
  using inspected = inspect(opened, Witness.silent(), { holders: true });
  return describeInspection(inspected.facts, new SystemNames()).verdict;
}

/** Opens descriptors until there are no more. */
function takeAll(): number[] {
  const taken: number[] = [];
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'));
    } catch {
      return taken;
    }
  }
}

async function inspectShort(target: string, free: number): Promise<DescriptorCount['short'][number]> {
  const before = openDescriptors();
  const taken = takeAll();
  for (const fd of taken.splice(0, free)) closeSync(fd);
  let came: string;
  try {
    came = await verdictOf(target);
  } catch (error) {
    came = error instanceof SyscallError ? error.code : `not a SyscallError: ${String(error)}`;
  }
  for (const fd of taken) closeSync(fd);
  return { came, left: openDescriptors() - before };
}

async function count(target: string): Promise<DescriptorCount> {
  const verdict = await verdictOf(target);
  const before = openDescriptors();
  for (let round = 0; round < rounds; round++) await verdictOf(target);
  const left = openDescriptors() - before;
  const short = [];
  for (let free = 0; free <= mostFree; free++) short.push(await inspectShort(target, free));
  return { target, verdict, left, short };
}

const counts = [];
for (const target of process.argv.slice(2)) counts.push(await count(target));
process.stdout.write(JSON.stringify(counts));
