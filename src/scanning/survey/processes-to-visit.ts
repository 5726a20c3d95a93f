import { readProcNumbers } from '../../../native-probe/proc/read.js';
import { procIsOurs } from '../../../native-probe/proc/system.js';

/** The numbers of all processes; none where /proc is another PID namespace's, whose numbers are not ours. */
export function processesToVisit(): Int32Array {
  return Int32Array.from(procIsOurs() === true ? readProcNumbers('/proc') : []);
}
