import { type Backlog, type DiagSocket, placesTaken } from '../../../native-probe/diag-socket.js';
import { type Finding, finding } from '../../verdict/finding.js';
import { counted } from '../../words/counted.js';
import { briefProcess, someOf } from '../process-list.js';
import type { Crowd, Somebody } from './crowd.js';
import { whyNotTakenText } from './why-not-taken.js';

/** What is concluded from of a listener or receiver that others wait for. */
export interface CrowdInput {
  readonly socket: DiagSocket;
  /** Who holds each client that waits to be accepted, as far as that is known. */
  readonly clients: readonly Somebody[];
  /** Undefined where its backlog is not near full, and of a receiver where its queue is not seen to be full. */
  readonly crowd?: Crowd | undefined;
}

/** The finding about a backlog or a queue that is full, or nearly. */
export function crowdFindings(input: CrowdInput): Finding[] {
  const { socket, crowd } = input;
  if (socket.backlog !== undefined) return isNearFull(socket.backlog) ? [ofBacklog(input, socket.backlog)] : [];
  if (crowd === undefined) return [];
  const text = `Its queue is full: a message of ${counted(socket.queue?.receive ?? 0, 'byte')} waits first, and the next sender has to wait, or gets EAGAIN.`;
  const others = crowd.isAnotherFull
    ? 'or at another receiver whose queue is full'
    : 'no other queue was seen to be full';
  const blocked = blockedText(crowd, 'sendmsg(2)', others);
  return [finding('queue-full', 'warning', `${text}${blocked} ${whyNotTakenText(crowd.whyNotTaken, 'recvmsg(2)')}`)];
}

/**
 * listen(2) with N lets N + 1 clients wait (seen on Linux 6.18 for 0, 1, 2, 4
 * and 16). net/unix/af_unix.c, unix_recvq_full(). A single one may be waiting for the moment that
 * accept(2) takes, even where there is room for no more.
 */
export function isNearFull(backlog: Backlog): boolean {
  const taken = placesTaken(backlog);
  return taken >= 2 && taken * 4 >= (backlog.most + 1) * 3;
}

/** Whether there is no place left. */
export function isFull(backlog: Backlog): boolean {
  return placesTaken(backlog) > backlog.most;
}

function ofBacklog({ socket, clients, crowd }: CrowdInput, backlog: Backlog): Finding {
  const { waiting, gone = 0, most } = backlog;
  const kept = `${counted(gone, 'place is', 'places are')} kept by clients that have closed their end`;
  const wait = `${counted(waiting, 'client waits', 'clients wait')} to be accepted${gone === 0 ? '' : `, and ${kept}`}`;
  const full = isFull(backlog)
    ? `Its backlog is full: ${wait}; the next client has to wait, or gets EAGAIN.`
    : `Its backlog is nearly full: ${wait}; there is room for ${most + 1}.`;
  const unseen = Math.max(0, waiting - clients.length);
  const untold = socket.pending === undefined ? ': they may have closed their end' : '';
  const others = unseen > 0 && clients.length > 0 ? ` The holders of ${unseen} more were not seen${untold}.` : '';
  const who = clients.length === 0 ? '' : ` They come from ${someOf(byNumber(clients))}.${others}`;
  if (crowd === undefined) return finding('backlog-near-full', 'warning', `${full}${who}`);
  const elsewhere = crowd.isAnotherFull
    ? 'or at another backlog, one that is full as well'
    : 'no other backlog was seen to be full';
  const blocked = blockedText(crowd, 'connect(2)', elsewhere);
  const why = whyNotTakenText(crowd.whyNotTaken, 'accept(2)');
  return finding('backlog-near-full', 'warning', `${full}${who}${blocked} ${why}`);
}

/** Who sleeps in a system call until there is room. @param others - whether those may wait elsewhere of whom it is not read */
function blockedText({ blocked }: Crowd, call: string, others: string): string {
  return [false, true]
    .map((isPerhapsElsewhere) => {
      const some = blocked.filter((one) => one.isPerhapsElsewhere === isPerhapsElsewhere);
      if (some.length === 0) return '';
      const where = isPerhapsElsewhere ? `there (${others})` : 'there';
      const waits = some.length === 1 ? 'waits' : 'wait';
      return ` In ${call} ${waits} for a place ${where}: ${someOf(byNumber(some.map(({ process }) => process)))}.`;
    })
    .join('');
}

/** Each process once, the most frequent first: `42 (curl) × 12`. */
function byNumber(processes: readonly Somebody[]): string[] {
  const counts = new Map<string, number>();
  for (const one of processes.map(briefProcess)) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([one, count]) => (count === 1 ? one : `${one} × ${count}`));
}
