import { openFiles, openFilesLimit } from '../../native-probe/proc/system.js';
import { reading, valueOf } from '../words/reading.js';

/** Descriptors kept free for inspecting one client, which opens pidfds, files below /proc and the kernel's list for a moment. */
const kept = 10;

/** Descriptors assumed to be open already where there is no /proc to count them in: Node's own, peerpid's, and what the shell left open. */
const openAtStart = 30;

/** How many descriptors this process may have; Infinity where nobody says. */
export function descriptorLimit(): number {
  return valueOf(reading(openFilesLimit)) ?? Infinity;
}

/** How many descriptors there are now for clients, their processes, and what they send. */
export function descriptorsForOthers(): number {
  return descriptorLimit() - (valueOf(reading(openFiles)) ?? openAtStart) - kept;
}
