import { valueOf } from '../words/reading.js';
import { type Finding, finding, type FindingInput } from './finding.js';

export function ofHolders({ peer, recordedBy, holders }: FindingInput): Finding[] {
  const known = valueOf(holders);
  const pinned = valueOf(peer.pinned);
  // A refused pidfd tells that the process of record has ended, so that no holder is it
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
  // Of another user, hidden (hidepid), or without a number here: nothing is known of its descriptors
  const unseen = !holds && pinned?.state === 'running' && !known.seen.has(pinned.pid ?? 0);
  const doubt = unseen ? ` Whether the process that called ${recordedBy} has it too may not be seen.` : '';
  return holds || unseen
    ? [
        finding(
          'shared-socket',
          'info',
          `${others.length === 1 ? 'Another process has' : `${others.length} other processes have`} the same socket open.${doubt}`,
        ),
      ]
    : [
        finding(
          'holder-differs',
          // One end of a pair is made for another process as a rule: a child's standard input
          recordedBy === 'socketpair(2)' ? 'info' : 'warning',
          `The process that called ${recordedBy} does not have the socket open, and ${others.length === 1 ? 'another does' : `${others.length} others do`}. It was handed over (socket activation, fork(2), SCM_RIGHTS), and the credential does not follow it.`,
        ),
      ];
}
