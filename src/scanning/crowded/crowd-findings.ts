import { type Backlog, type DiagSocket, placesTaken } from '../../../native-probe/diag-socket.js';
import { type Finding, finding } from '../../verdict/finding.js';
import { counted } from '../../words/counted.js';
import { someOf } from '../process-list.js';

/** What holds up others at a listener or a receiver. */
export interface Crowd {
  /** Who sleeps in a system call until there is room: `42 (curl)`, once for each socket. */
  readonly blocked: readonly string[];
  /** Whether those may wait for another one: to which name they connect or send, nothing shows that is read here. */
  readonly elsewhere: boolean;
  /** Why nobody takes what waits, in a sentence. */
  readonly why: string;
}

/** What is concluded from of a listener or receiver that others wait for. */
export interface CrowdInput {
  readonly socket: DiagSocket;
  /** Who holds each client that waits to be accepted, as far as that is known: `42 (curl)`. */
  readonly clients: readonly string[];
  /** Undefined where its backlog is not near full, and of a receiver where its queue is not seen to be full. */
  readonly crowd?: Crowd | undefined;
}

/** The finding about a backlog or a queue that is full, or nearly. */
export function crowdFindings(input: CrowdInput): Finding[] {
  const { socket, crowd } = input;
  if (socket.backlog !== undefined) return isNearFull(socket.backlog) ? [ofBacklog(input, socket.backlog)] : [];
  if (crowd === undefined) return [];
  const where = crowd.elsewhere ? 'there (or at another receiver whose queue is full)' : 'there';
  const text = `Its queue is full: a message of ${counted(socket.queue?.receive ?? 0, 'byte')} waits first, and the next sender is kept waiting, or told EAGAIN.`;
  return [finding('queue-full', 'warning', `${text}${blockedText(crowd, 'sendmsg(2)', where)}${whyText(crowd)}`)];
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
    ? `Its backlog is full: ${wait}; the next client is kept waiting, or told EAGAIN.`
    : `Its backlog is nearly full: ${wait}; there is room for ${most + 1}.`;
  const unseen = Math.max(0, waiting - clients.length);
  const untold = socket.pending === undefined ? ': they may have closed their end' : '';
  const others = unseen > 0 && clients.length > 0 ? ` Of ${unseen} more no holder is seen${untold}.` : '';
  const who = clients.length === 0 ? '' : ` They come from ${someOf(byNumber(clients))}.${others}`;
  const where = `there (${crowd?.elsewhere === true ? 'or at another backlog, one that is full as well' : 'no other backlog is seen to be full'})`;
  const text = `${full}${who}${blockedText(crowd, 'connect(2)', where)}${whyText(crowd)}`;
  return finding('backlog-near-full', 'warning', text);
}

/** Who sleeps in a system call until there is room. */
function blockedText(crowd: Crowd | undefined, call: string, where: string): string {
  const blocked = crowd?.blocked ?? [];
  if (blocked.length === 0) return '';
  return ` In ${call} ${blocked.length === 1 ? 'waits' : 'wait'} for a place ${where}: ${someOf(byNumber(blocked))}.`;
}

function whyText(crowd: Crowd | undefined): string {
  return crowd === undefined ? '' : ` ${crowd.why}`;
}

/** Each process once, the most frequent first: `42 (curl) × 12`. */
function byNumber(processes: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const one of processes) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([one, count]) => (count === 1 ? one : `${one} × ${count}`));
}
