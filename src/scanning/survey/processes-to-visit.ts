import { processNumbers } from '../../../native-probe/proc/held-processes.js';
import { procIsOurs } from '../../../native-probe/proc/system.js';

/** The numbers of all processes; none where /proc is another PID namespace's, whose numbers are not ours. */
export function processesToVisit(): Int32Array {
  return Int32Array.from(procIsOurs() === true ? processNumbers() : []);
}
