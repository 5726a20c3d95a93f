/** The program that is PID 1 of a race: it plays the rounds, and prints what came of them. */
import { writeSync } from 'node:fs';

import { SyscallError } from '../../native-probe/syscall-error.js';
import { Problem } from '../words/problem.js';
import { safeJson } from '../words/sanitise.js';
import { race } from './race.js';
import type { StageLine, StageOrder } from './stage-line.js';
import { milliseconds } from '../../native-probe/monotonic-clock.js';

/** Milliseconds between two lines of progress. */
const interval = 100;

function print(line: StageLine): void {
  writeSync(1, `${safeJson(line, 0)}\n`);
}

function lineOf(error: unknown): StageLine {
  if (error instanceof SyscallError) {
    const { syscall, errno, subject } = error;
    return { refused: { syscall, errno, subject } };
  }
  if (!(error instanceof Problem)) throw error;
  const { code, message, hint, exitStatus } = error;
  return { problem: { code, message, hint, exitStatus } };
}

let told = milliseconds();
try {
  const order = JSON.parse(process.argv[2] ?? '') as StageOrder;
  const document = race(order, (played) => {
    if (milliseconds() - told < interval) return;
    told = milliseconds();
    print({ played });
  });
  print({ document });
} catch (error) {
  print(lineOf(error));
}
