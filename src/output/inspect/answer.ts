import type { InspectDocument } from '../../document/inspect-document.js';
import type { ProcessDocument } from '../../document/process-document.js';
import { safe } from '../safe.js';
import { placesOf } from '../who.js';
import type { InspectionContext } from './process-rows.js';

/**
 * What whoever asks wants to know first: who is at the other end, and whether its PID can be trusted. It says no more
 * than the verdict's own sentence, which has the conditions.
 */
export function answerText({ document, names }: Pick<InspectionContext, 'document' | 'names'>): string {
  const { verdict, credential, byPid, byPidfd } = document;
  const pid = credential?.pid ?? 0;
  const userNow = ({ uids }: ProcessDocument): string | undefined =>
    uids && (names.user(uids.effective) ?? String(uids.effective));
  const recorded = credential === null ? undefined : (credential.user ?? String(credential.uid));
  const did = deedOf(document);
  switch (verdict) {
    case 'pinned':
      return byPidfd?.state === 'zombie'
        ? `${named(byPidfd, recorded)} ${did}, and has ended, but keeps its PID until its parent waits for it.`
        : `${named(byPidfd ?? byPid, recorded)} ${did}. Its PID can be trusted.`;
    case 'exited':
      return `The process that ${did} has ended, and nobody has PID ${pid} now: the PID can't be trusted.`;
    case 'recycled':
      return `The process that ${did} has ended, and PID ${pid} is ${byPid === null ? 'another' : `${named(byPid, userNow(byPid), false)} now`}: the PID can't be trusted.`;
    case 'contradicted':
      return `The kernel's answers on the process that ${did} contradict each other: PID ${pid} can't be trusted.`;
    case 'foreign':
      return `The process that ${did} lives outside this PID namespace: there is no PID to trust.`;
    case 'unpinned':
      return `PID ${pid} is ${byPid === null ? "nobody's" : named(byPid, userNow(byPid), false)} now; it is not known whether that is the process that ${did}, so the PID can't be trusted.`;
    case 'none':
      return document.socket.type === 'dgram'
        ? 'There is no peer: each message of a datagram socket has its own sender.'
        : 'There is no peer whose PID could be trusted.';
  }
}

/** What the process of record did, in the words of the call by which it was recorded. */
function deedOf({ recordedBy }: InspectDocument): string {
  return recordedBy === 'connect(2)' ? 'connected' : `called ${recordedBy}`;
}

/** `nginx (PID 42, user www-data, nginx.service)` */
function named(process: ProcessDocument | null, name: string | undefined, hasNumber = true): string {
  if (process === null) return 'a process';
  const { comm, pid, threadOf } = process;
  const user = name === undefined ? [] : [`user ${safe(name)}`];
  const number = !hasNumber || pid === undefined || pid === 0 ? [] : [`PID ${pid}`];
  const thread = threadOf === undefined ? [] : [`a thread of ${threadOf}`];
  const about = [...number, ...thread, ...user, ...placesOf(process)].join(', ');
  return `${safe(comm ?? 'a process')}${about === '' ? '' : ` (${about})`}`;
}
