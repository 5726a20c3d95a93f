/**
 * How fast peerpid is, against programs that ask the kernel the same:
 *
 *     npm run bench [inspect | listen | messages | library | trace | scan]
 *
 * What counts are the ratios: the programs of a table run in turn, so that the
 * machine's noise is the same for all. How to read them: bench/README.md
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { timeInspect } from './inspecting.js';
import { rateLibrary } from './library.js';
import { rateListen } from './listening.js';
import { rateMessages } from './receiving.js';
import { timeScan } from './scanning.js';
import { timeTraced } from './tracing.js';

const [which = 'all', times = '0', ...only] = process.argv.slice(2);
const directory = mkdtempSync(`${tmpdir()}/peerpid-bench-`);
try {
  const wanted = (part: string): boolean => which === 'all' || which === part;
  if (wanted('inspect')) process.stdout.write(`${await timeInspect(directory, Number(times) || 31)}\n`);
  if (wanted('listen')) process.stdout.write(`${await rateListen(directory, Number(times) || 5)}\n`);
  if (wanted('messages')) process.stdout.write(`${await rateMessages(directory, Number(times) || 5)}\n`);
  if (wanted('library')) process.stdout.write(`${await rateLibrary(directory, Number(times) || 5)}\n`);
  if (wanted('trace')) process.stdout.write(`${await timeTraced(directory, Number(times) || 5)}\n`);
  // As each is ready: these take minutes
  if (wanted('scan')) {
    for await (const text of timeScan(directory, Number(times) || 5, only)) process.stdout.write(`${text}\n`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
