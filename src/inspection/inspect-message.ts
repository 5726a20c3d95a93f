import type { Message } from '../../native-probe/message.js';
import { type Ourselves, ourselves } from '../identity/ourselves.js';
import type { Finding } from '../verdict/finding.js';
import { type ConnectionPeer, senderFindings } from '../verdict/sender-findings.js';
import { messageSentenceOf } from '../verdict/sentence.js';
import { judge, type Judgement } from '../verdict/verdict.js';
import type { Step, Witness } from '../words/evidence.js';
import type { SenderBatch } from './sender-batch.js';
import { inspectSender, type SenderFacts } from './sender.js';

/** Everything that is concluded of one message and its sender. */
export interface MessageInspection {
  readonly sender: SenderFacts;
  readonly judgement: Judgement;
  /** The verdict in words. */
  readonly sentence: string;
  readonly findings: readonly Finding[];
  /** Undefined with a silent witness. */
  readonly evidence: readonly Step[] | undefined;
  readonly ourselves: Ourselves;
}

/**
 * Inspects the sender of a message, and concludes. The pidfd that came with the
 * message is closed when this returns, the passed descriptors are still the message's.
 *
 * @param preview - how many bytes of the message to keep
 * @param peer - of the connection; undefined for a datagram
 * @param batch - the senders of the messages that one recvmmsg(2) gave, this one's among them
 */
export function inspectMessage(
  message: Message,
  preview: number,
  peer: ConnectionPeer | undefined,
  batch: SenderBatch,
  witness: Witness,
): MessageInspection {
  using inspected = inspectSender(message, preview, batch, witness);
  const sender = inspected.facts;
  const judgement = judge(sender);
  const us = ourselves();
  return {
    sender,
    judgement,
    sentence: messageSentenceOf(judgement, sender),
    findings: senderFindings(sender, peer, us),
    evidence: witness.evidence,
    ourselves: us,
  };
}
