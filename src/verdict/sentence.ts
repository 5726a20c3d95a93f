import type { SocketType } from '../../native-probe/socket-kinds.js';
import type { IdentityFacts } from '../identity/identify.js';
import { type RefusalCode, valueOf } from '../words/reading.js';
import { capitalised } from '../words/capitalised.js';
import type { Judgement } from './verdict.js';

/**
 * What a verdict means, in one sentence for an administrator.
 *
 * @param recordedBy - the call by which the kernel took the credential
 */
export function sentenceOf(
  { verdict, basis }: Judgement,
  facts: IdentityFacts,
  recordedBy: string,
  type: SocketType,
): string {
  const pid = valueOf(facts.credential)?.pid ?? 0;
  const alive = facts.named?.facts?.state;
  switch (verdict) {
    case 'pinned':
      return alive === 'zombie'
        ? `PID ${pid} is still the process that called ${recordedBy}: it has ended, but its parent has not waited for it, so the PID is not free yet.`
        : `PID ${pid} is the process that called ${recordedBy}, for as long as the pidfd is held. It may run another program by now (execve(2)), or be controlled by a tracer.`;
    case 'exited':
      return `The process that called ${recordedBy} has ended, and nobody has PID ${pid} now. ${capitalised(whoTrusts(recordedBy))} takes the next process that gets it for the one that has ended.`;
    case 'recycled':
      return `PID ${pid} is another process now: the one that called ${recordedBy} has ended. ${capitalised(whoTrusts(recordedBy))} trusts the wrong process.`;
    case 'contradicted':
      if (valueOf(facts.credential) === undefined) {
        return `SO_PEERCRED says that there is no peer, but the kernel gave a pidfd of the process that called ${recordedBy}. Something rewrote the answer, such as a BPF program on the cgroup.`;
      }
      return pid === 0
        ? `SO_PEERCRED says PID 0, but the pidfd is of a process that has a PID here. Something rewrote the answer, such as a BPF program on the cgroup.`
        : `SO_PEERCRED says PID ${pid}, but the pidfd of the process that called ${recordedBy} is of another process, which is alive. Something rewrote the answer, such as a BPF program on the cgroup.`;
    case 'foreign':
      return `PID 0: the peer lives outside this PID namespace, in a parent or a sibling one. It has no PID here that could be trusted${basis === 'pidfd' ? `; the pidfd ${endOf(facts)}` : ''}.`;
    case 'unpinned':
      if (basis === 'pidfd') {
        return `There is a pidfd, but nothing here shows which PID its process has, so nobody can say whether that is ${pid}: this needs pidfd ids (Linux 6.9), PIDFD_GET_INFO (6.13) or a /proc of this PID namespace.`;
      }
      return `The kernel gave no pidfd (${refusalOf(facts)}), so nobody can say whether PID ${pid} is still the process that called ${recordedBy}.`;
    case 'none':
      if ('error' in facts.credential) {
        return `The kernel refused the credential (${facts.credential.error.code}), so there is no PID to trust.`;
      }
      return type === 'dgram'
        ? 'There is no credential: a datagram socket has no connection, and each message has its own sender.'
        : 'There is no credential: the socket is not connected.';
  }
}

/** Of a listener the clients are told who called listen(2). */
function whoTrusts(recordedBy: string): string {
  const who = { 'connect(2)': 'a service that', 'sendmsg(2)': 'a service that', 'listen(2)': 'a client that' }[
    recordedBy
  ];
  return `${who ?? 'whoever'} trusts the PID`;
}

/** What a pidfd tells although its process has no number here. */
function endOf(facts: IdentityFacts): string {
  return valueOf(facts.pinned)?.state === 'running' ? 'still shows when it ends' : 'shows that it has ended';
}

function refusalOf(facts: IdentityFacts): string {
  return 'error' in facts.pinned ? facts.pinned.error.code : 'no reason given';
}

/** Why a message has no pidfd where nothing was refused. */
const withoutPidfd: Partial<Record<RefusalCode, string>> = {
  ENODATA: 'none was sent along',
  MSG_CTRUNC: 'it was left out',
};

/**
 * What a verdict on a message's sender means, in one sentence. A privileged
 * sender may state another process than itself; the pidfd is then that process's.
 */
export function messageSentenceOf(judgement: Judgement, facts: IdentityFacts): string {
  if (judgement.verdict === 'none') return 'The message came without credentials, so there is no PID to trust.';
  const sentence = sentenceOf(judgement, facts, 'sendmsg(2)', 'dgram');
  const pid = valueOf(facts.credential)?.pid ?? 0;
  if (judgement.verdict === 'unpinned' && 'error' in facts.pinned) {
    const { code } = facts.pinned.error;
    const why = withoutPidfd[code] ?? code;
    return `No pidfd came with the message (${why}), so nobody can say whether PID ${pid} is still the process that sent it.`;
  }
  if (judgement.verdict !== 'pinned') return sentence;
  return `PID ${pid} is the process that the message names as its sender: the one that sent it, or one that a privileged sender stated (CAP_SYS_ADMIN).`;
}
