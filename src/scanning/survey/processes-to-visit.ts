import { readProcNumbers } from '../../../native-probe/proc/read.js';
import { procIsOurs } from '../../../native-probe/proc/system.js';

/** All processes; none where /proc is another PID namespace's: its numbers are of others than ours are. */
export function processesToVisit(): Int32Array {
  return Int32Array.from(procIsOurs() === true ? readProcNumbers('/proc') : []);
}
