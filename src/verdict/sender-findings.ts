import type { Ids } from '../../native-probe/pidfd.js';
import type { IdentityFacts } from '../identity/identify.js';
import type { Ourselves } from '../identity/ourselves.js';
import type { ProcAny, ProcBrief } from '../identity/proc-facts.js';
import type { ProcessFacts } from '../identity/process-facts.js';
import { errorCodeOf, valueOf } from '../words/reading.js';
import { type Finding, finding } from './finding.js';
import { unmappedIds } from './unmapped-ids.js';
import { unreadable } from './unreadable.js';

/** What an accepted socket said of its peer, with which a message's sender is compared. */
export interface ConnectionPeer {
  /** The pidfd id of the process that called connect(2). */
  readonly pidfdId: bigint | undefined;
  readonly pid: number;
  /** The *effective* ids of that process at connect(2). */
  readonly uid: number;
  readonly gid: number;
}

/** What a message's sender is judged by. */
export interface JudgedSender<Proc extends ProcBrief = ProcBrief> extends IdentityFacts<Proc> {
  /**
   * The message was sent before its receiver set SO_PASSCRED or SO_PASSPIDFD,
   * so the kernel kept no sender: it gives pid 0 and the overflow ids.
   */
  readonly sentBeforeAsked: boolean;
  /** The message was longer than the buffer: the rest is lost (MSG_TRUNC). */
  readonly truncated: boolean;
  /** The kernel left ancillary data out (MSG_CTRUNC). */
  readonly controlTruncated: boolean;
  /** How many descriptors that had come before waited to be closed, where no room was left for more because of them. */
  readonly leftOutFor: number | undefined;
}

/** The findings about a message and its sender. @param peer - of the connection; undefined for a datagram */
export function senderFindings(
  sender: JudgedSender<ProcAny>,
  peer: ConnectionPeer | undefined,
  ourselves: Ourselves,
): Finding[] {
  return [
    ...ofConnection(sender, peer),
    ...ofStatement(sender),
    ...ofIds(sender, ourselves),
    ...unreadable(valueOf(sender.pinned) ?? sender.named?.facts, 'the sender'),
    ...ofTransfer(sender),
  ];
}

/** The sender is another process than the one that connected, or has other ids than were recorded then. */
function ofConnection(sender: JudgedSender, peer: ConnectionPeer | undefined): Finding[] {
  const credential = valueOf(sender.credential);
  const pinned = valueOf(sender.pinned);
  if (peer === undefined || credential === undefined) return [];
  const findings: Finding[] = [];
  if (isOther(pinned, credential.pid, peer)) {
    findings.push(
      finding(
        'sender-differs',
        'warning',
        `Process ${credential.pid} sent this, and process ${peer.pid} made the connection: the socket was passed on or inherited, or a privileged sender stated another pid.`,
      ),
    );
  } else if (credential.uid !== peer.uid || credential.gid !== peer.gid) {
    findings.push(
      finding(
        'message-ids-differ',
        'warning',
        `The message says uid ${credential.uid} and gid ${credential.gid} (real ids, or stated ones), the connection said ${peer.uid} and ${peer.gid} (effective ids): a service that compares the wrong ones refuses set-user-id clients.`,
      ),
    );
  }
  return findings;
}

/** By the pidfd ids, or where one of them is missing by the numbers. */
function isOther(pinned: ProcessFacts | undefined, pid: number, peer: ConnectionPeer): boolean {
  if (pinned?.pidfdId !== undefined && peer.pidfdId !== undefined) return pinned.pidfdId !== peer.pidfdId;
  return pid !== peer.pid;
}

/** The credential has ids that the sender's process has not: stated, or changed since. unix(7), SCM_CREDENTIALS */
function ofStatement(sender: JudgedSender): Finding[] {
  const credential = valueOf(sender.credential);
  const now = valueOf(valueOf(sender.pinned)?.proc?.status);
  if (credential === undefined || now === undefined) return [];
  const seen = valueOf(valueOf(sender.pinned)?.threadIds);
  const threads = seen?.threads ?? [];
  const stated = [
    ...foreignId('Uid', credential.uid, [now.uids, ...threads.map(({ uids }) => uids)]),
    ...foreignId('Gid', credential.gid, [now.gids, ...threads.map(({ gids }) => gids)]),
  ];
  if (stated.length === 0) return [];
  const unseen = seen?.isWhole === false ? ', or a thread that peerpid did not look at has it' : '';
  const text = `${stated.join(' ')} A privileged sender stated it, or it has changed since, or a thread that is gone had it${unseen}.`;
  return [finding('stated', 'warning', text)];
}

/** @param own - of the process's first thread, and of its others as far as they were looked at */
function foreignId(what: string, id: number, own: readonly Ids[]): string[] {
  const [first] = own;
  if (first === undefined || own.some(({ real, effective, saved }) => [real, effective, saved].includes(id))) return [];
  const { real, effective, saved } = first;
  return [`${what} ${id} is none of the sender's own (real ${real}, effective ${effective}, saved ${saved}).`];
}

function ofIds(sender: JudgedSender, ourselves: Ourselves): Finding[] {
  const credential = valueOf(sender.credential);
  return credential === undefined ? [] : unmappedIds(credential, ourselves);
}

/** What of the message was cut off, or never recorded by the kernel. */
function ofTransfer(sender: JudgedSender): Finding[] {
  const findings: Finding[] = [];
  if (sender.sentBeforeAsked) {
    findings.push(
      finding(
        'sent-before-asked',
        'info',
        'It was sent before the receiver asked for senders (SO_PASSCRED, SO_PASSPIDFD), so the kernel kept none: PID 0 and the ids of nobody mean nothing.',
      ),
    );
  }
  if (sender.controlTruncated) {
    const lost = errorCodeOf(sender.pinned) === 'MSG_CTRUNC' ? ', including the pidfd' : '';
    findings.push(
      finding('control-truncated', 'warning', `Ancillary data was dropped${lost}, ${whyLeftOut(sender)} (MSG_CTRUNC).`),
    );
  }
  if (sender.truncated) {
    findings.push(
      finding('truncated', 'info', 'The message was longer than the buffer: the rest is lost (MSG_TRUNC).'),
    );
  }
  return findings;
}

function whyLeftOut({ leftOutFor }: JudgedSender): string {
  return leftOutFor === undefined
    ? 'because the control buffer or the table of file descriptors had no room'
    : `and so were the descriptors that came with it: ${leftOutFor} earlier ones wait to be closed, and until then no more are taken from this sender`;
}
