import { endOf } from '../../native-probe/pidfd.js';
import { processExists } from '../../native-probe/proc/process.js';
import type { MethodId } from '../document/race-document.js';
import { isBelieved } from '../verdict/verdict.js';
import { mapReading, type Reading, reading } from '../words/reading.js';
import { type Look, startTicksOf } from './look.js';

/** One way to tell whether the process that has the PID now is the client that was looked at. */
export interface Method {
  readonly id: MethodId;
  /** Whether this method says that it is. */
  readonly accepts: (look: Look) => Reading<boolean>;
}

/** From what most services do to what they should. */
export const methods: readonly Method[] = [
  { id: 'pid', accepts: ({ pid }) => reading(() => processExists(pid)) },
  { id: 'start-time', accepts: startedThen },
  { id: 'pidfd-open', accepts: ({ opened }) => mapReading(opened, (pidfd) => endOf(pidfd) === 'running') },
  { id: 'peer-pidfd', accepts: stillRuns },
  { id: 'verdict', accepts: believed },
];

function startedThen({ pid, startTicks }: Look): Reading<boolean> {
  const now = startTicksOf(pid);
  return 'error' in now ? now : mapReading(startTicks, (then) => then === now.value);
}

/** Linux 6.5 to 6.15 refuse a pidfd of a client that has ended, which is an answer too. */
function stillRuns({ given, inspected }: Look): Reading<boolean> {
  if (inspected.facts.peer.refusedAsEnded) return { value: false };
  return mapReading(given, (pidfd) => endOf(pidfd) === 'running');
}

/** What a user of the library goes by: the verdict when peerOf() looked, and isAlive() now. */
function believed({ inspected: { facts: inspection, pin } }: Look): Reading<boolean> {
  return { value: isBelieved(inspection.judgement.verdict) && pin?.look().state === 'running' };
}
