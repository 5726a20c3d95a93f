import type { FoundHolder } from '../socket/holders.js';
import { valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { whereElse } from '../words/where-else.js';
import { type Finding, finding, type FindingInput } from './finding.js';

/** What people meet every day where a listener is not held, or a client not served, by who called listen(2). */
const ordinary = ' Daemons that fork and socket activation look like this.';

/** Of the standard output of a service and what it starts. */
const journal =
  ' Standard output to the journal looks like this, too: the journal sees the sender of each message and relies on that.';

/**
 * Findings about processes that have the socket open and are not the process
 * of record. None where nothing tells whether a holder is the process of record.
 */
export function ofHolders({ peer, recordedBy, holders, byWriters = false }: FindingInput): Finding[] {
  const known = valueOf(holders);
  const pinned = valueOf(peer.pinned);
  // A pidfd refused as ended tells that the process of record is gone, so no holder can be that process
  const tells = pinned !== undefined || peer.refusedAsEnded;
  if (known === undefined || !tells || known.found.length === 0) return [];
  const isRecorded = (holder: { pid: number; pidfdId: bigint | undefined }): boolean =>
    pinned !== undefined &&
    (pinned.pidfdId !== undefined && holder.pidfdId !== undefined
      ? holder.pidfdId === pinned.pidfdId
      : pinned.state !== 'exited' && holder.pid === pinned.pid);
  const others = known.found.filter((holder) => !isRecorded(holder));
  if (others.length === 0) return [];
  const holds = known.found.some(isRecorded);
  // The process of record is another user's, hidden (hidepid) or without a number here: we may not see its descriptors
  const alive = pinned?.state === 'running';
  const unseen = !holds && alive && !known.seen.has(pinned.pid ?? 0);
  const activated = ofActivation(others);
  const doubt = unseen ? ` We may not see whether the process that called ${recordedBy} has it, too.` : '';
  return holds || unseen
    ? [
        finding(
          'shared-socket',
          'info',
          `${others.length === 1 ? 'Another process has' : `${others.length} other processes have`} the same socket open.${activated ?? ''}${doubt}`,
        ),
      ]
    : [
        finding(
          'holder-differs',
          // As a rule one end of a pair is meant for another process, such as a child's standard input
          byWriters || recordedBy === 'socketpair(2)' || recordedBy === 'listen(2)' ? 'info' : 'warning',
          `${alive ? 'As far as /proc shows, the' : 'The'} process that called ${recordedBy} does not have the socket open, and ${others.length === 1 ? 'another does' : `${others.length} others do`}: it was handed over (fork(2), SCM_RIGHTS, systemd), and the credential stays as it was.${activated ?? (recordedBy === 'listen(2)' ? ordinary : byWriters ? journal : '')}${alive ? ` If that process still has it, it is ${whereElse}.` : ''}`,
        ),
      ];
}

/** Of those that were given a listener when they were started. */
function ofActivation(holders: readonly FoundHolder[]): string | undefined {
  const given = holders.filter((holder) => holder.given !== undefined);
  const [first] = given;
  if (first === undefined) return undefined;
  const who = given.length === 1 ? `PID ${first.pid} was` : `${given.length} of them, such as PID ${first.pid}, were`;
  const name = first.given === null || first.given === undefined ? '' : ` as ${textOf(first.given)}`;
  return ` By the environment that ${given.length === 1 ? 'it was' : 'they were'} started with, ${who} given it${name} (socket activation): clients see the process that called listen(2), whoever answers.`;
}
