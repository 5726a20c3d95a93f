import { readlinkSync } from 'node:fs';

import { Fd } from '../../native-probe/fd.js';
import type { Message } from '../../native-probe/message.js';
import type { Credential } from '../../native-probe/peer-credential.js';
import { overflowGid, overflowUid } from '../../native-probe/proc/system.js';
import { errnoName } from '../../native-probe/syscall-error.js';
import type { UnixAddress } from '../../native-probe/unix-address.js';
import type { Pinned } from '../identity/identify.js';
import type { ProcFacts } from '../identity/proc-facts.js';
import type { JudgedSender } from '../verdict/sender-findings.js';
import type { Witness } from '../words/evidence.js';
import { type Reading, reading } from '../words/reading.js';
import { meansSenderEnded } from './refusal.js';
import type { SenderBatch } from './sender-batch.js';

/** A descriptor that came with a message (SCM_RIGHTS), which is not kept open: only what it was. */
export interface PassedDescriptor {
  /** What /proc/self/fd said it is: a path, or the like of `socket:[4242]`. */
  readonly what: Reading<Buffer>;
}

/** A message, and who sent it. */
export interface SenderFacts extends JudgedSender<ProcFacts> {
  /** The first bytes of the message, to be shown. */
  readonly preview: Buffer;
  /** Bytes of the whole message. */
  readonly length: number;
  /** The address that a datagram's sender is bound to. */
  readonly from: UnixAddress;
  readonly securityLabel: Buffer | undefined;
  readonly passed: readonly PassedDescriptor[];
}

/**
 * Finds out who sent a message: the process that the kernel-given pidfd pins,
 * beside the one that the number names. The pidfd belongs to what is returned; the
 * passed descriptors stay the message's.
 *
 * @param most - how many bytes of the message to keep
 * @param batch - the senders of the messages that one recvmmsg(2) gave, this one's among them
 */
export function inspectSender(
  message: Message,
  most: number,
  batch: SenderBatch,
  witness: Witness,
): Pinned<SenderFacts> {
  const { ancillary, data, length } = message;
  const passed = ancillary.passed.map(describePassed);
  // Only where pidfds were asked for: elsewhere a sender outside our namespaces looks the same
  const noPidfd = batch.pidfdsAsked && ancillary.pidfd === undefined && !message.controlTruncated;
  const sentBeforeAsked = noPidfd && isNobody(ancillary.credential);
  const credential = sentBeforeAsked ? { value: undefined } : credentialOf(message, witness);
  const pidfd = pidfdOf(message, witness);
  const identity = batch.identify(
    credential,
    pidfd,
    typeof ancillary.pidfd === 'number' && meansSenderEnded(ancillary.pidfd),
    witness,
  );
  return {
    pin: identity.pin,
    [Symbol.dispose]: () => {
      identity[Symbol.dispose]();
    },
    facts: {
      ...identity.facts,
      preview: Buffer.from(data.subarray(0, most)),
      length,
      truncated: length > data.length,
      controlTruncated: message.controlTruncated,
      leftOutFor: batch.leftOutFor,
      from: message.from,
      securityLabel: ancillary.securityLabel,
      passed,
      sentBeforeAsked,
    },
  };
}

function describePassed(fd: Fd): PassedDescriptor {
  return { what: reading(() => readlinkSync(`/proc/self/fd/${fd.number}`, 'buffer')) };
}

/** Whether this is what the kernel gives where it kept no sender: pid 0 and the overflow ids. */
function isNobody(credential: Credential | undefined): boolean {
  return credential?.pid === 0 && credential.uid === overflowUid() && credential.gid === overflowGid();
}

function credentialOf({ ancillary, controlTruncated }: Message, witness: Witness): Reading<Credential> {
  const { credential } = ancillary;
  if (credential === undefined) {
    return { error: { syscall: 'SCM_CREDENTIALS', code: controlTruncated ? 'MSG_CTRUNC' : 'ENODATA' } };
  }
  witness.conclude(
    'recvmmsg: SCM_CREDENTIALS',
    `pid ${credential.pid}, uid ${credential.uid}, gid ${credential.gid}`,
    credential.pid === 0
      ? 'the sender has no PID in this PID namespace'
      : "the sender's PID and real ids, or what it stated, which needs privilege",
  );
  return { value: credential };
}

function pidfdOf({ ancillary, controlTruncated }: Message, witness: Witness): Reading<Fd> {
  const { pidfd } = ancillary;
  if (pidfd instanceof Fd) {
    witness.conclude(
      'recvmmsg: SCM_PIDFD',
      `${pidfd.number}`,
      'a pidfd from the kernel, of the process that the credentials name',
    );
    return { value: pidfd };
  }
  if (pidfd === undefined) {
    return { error: { syscall: 'SCM_PIDFD', code: controlTruncated ? 'MSG_CTRUNC' : 'ENODATA' } };
  }
  const code = errnoName(pidfd);
  witness.conclude(
    'recvmmsg: SCM_PIDFD',
    `-${code}`,
    meansSenderEnded(pidfd) ? 'an errno in place of a descriptor: the sender is reaped already' : 'there is no pidfd',
  );
  return { error: { syscall: 'SCM_PIDFD', code } };
}
