import type { Credential } from '../../../native-probe/peer-credential.js';
import { openPidfd } from '../../../native-probe/pidfd.js';
import { pidNamespaceChain } from '../../../native-probe/process-namespace.js';
import type { IdentityFacts } from '../../identity/identify.js';
import type { Ourselves } from '../../identity/ourselves.js';
import { PinnedProcess } from '../../identity/pinned-process.js';
import type { ProcessFacts } from '../../identity/process-facts.js';
import type { Judgement, Verdict } from '../../verdict/verdict.js';
import {
  errorCodeOf,
  mapReading,
  type Reading,
  reading,
  type Refusal,
  type RefusalCode,
  valueOf,
} from '../../words/reading.js';
import { type HolderView, type IdKind, idThere, type OtherPidNamespace } from './holder-view.js';

/** A credential as a holder of the socket is told it, in the holder's own namespaces. */
export interface SeenBy {
  /** 0 when the peer has no PID in the holder's PID namespace. */
  readonly pid: Reading<number>;
  /** The overflow id where the holder's user namespace does not map it. */
  readonly uid: Reading<number>;
  readonly gid: Reading<number>;
  /** What may be believed of the number that the holder is told. */
  readonly verdict: Verdict;
}

function because(why: string, code: RefusalCode): { readonly error: Refusal } {
  return { error: { syscall: why, code } };
}

const noCredential = because('the kernel has no credential for this socket', 'ENODATA');
const rewritten = because('something rewrites what SO_PEERCRED answers', 'EBADE');
const notPinned = because('no pidfd shows whose PID it would be in the holder’s PID namespace', 'ENODATA');
const ended = because('the peer has ended, and nothing keeps what its PID was in the holder’s PID namespace', 'ESRCH');

/**
 * What a holder is told of its socket's peer: the kernel keeps one credential,
 * and translates it for whoever asks. net/core/sock.c, cred_to_ucred()
 *
 * @param peer - what was learnt on a duplicate of the holder's descriptor, in our namespaces
 */
export function seenBy(holder: HolderView, peer: IdentityFacts, { verdict }: Judgement, ourselves: Ourselves): SeenBy {
  const credential = valueOf(peer.credential);
  if (credential === undefined) {
    const none = 'error' in peer.credential ? peer.credential : noCredential;
    return { pid: none, uid: none, gid: none, verdict };
  }
  if (holder.toldAsWeAre) {
    const { pid, uid, gid } = credential;
    return { pid: { value: pid }, uid: { value: uid }, gid: { value: gid }, verdict };
  }
  const pid = pidSeen(holder.pidNamespace, credential, peer, verdict);
  return {
    pid,
    uid: idSeen('uid', holder, credential, verdict, ourselves),
    gid: idSeen('gid', holder, credential, verdict, ourselves),
    verdict: valueOf(holder.pidNamespace) === 'ours' ? verdict : verdictThere(pid, verdict),
  };
}

/** The verdict on the number that the holder is told: a number that nobody can know is not believed. */
function verdictThere(pid: Reading<number>, ours: Verdict): Verdict {
  if (ours === 'contradicted') return ours;
  if ('value' in pid) return pid.value === 0 ? 'foreign' : ours;
  return errorCodeOf(pid) === 'ESRCH' ? 'exited' : 'unpinned';
}

function pidSeen(
  namespace: HolderView['pidNamespace'],
  credential: Credential,
  peer: IdentityFacts,
  verdict: Verdict,
): Reading<number> {
  if (valueOf(namespace) === 'ours') return { value: credential.pid };
  if (verdict === 'contradicted') return rewritten;
  // A holder that we may look into is in our PID namespace or below it: a peer without a number here has none there
  if (credential.pid === 0) return { value: 0 };
  if ('error' in namespace) return namespace;
  const pinned = valueOf(peer.pinned);
  if (pinned?.state === 'exited' || peer.refusedAsEnded) return ended;
  if (pinned === undefined || peer.same !== true || namespace.value === 'ours') return notPinned;
  return numberIn(namespace.value, pinned);
}

/** kernel/pid.c, pid_nr_ns(): the number at that depth, if the namespace at that depth is the holder's. */
function numberIn({ inode, depth }: OtherPidNamespace, peer: ProcessFacts): Reading<number> {
  const status = peer.proc?.status ?? notPinned;
  if ('error' in status) return status;
  const numbers = status.value.namespacePids;
  const number = numbers[depth - 1];
  if (number === undefined) return { value: 0 };
  const isThere =
    numbers.length === depth
      ? mapReading(peer.namespaces, ({ pid }) => pid === inode)
      : mapReading(pidNamespacesOf(peer), (chain) => chain.includes(inode));
  return mapReading(isThere, (there) => (there ? number : 0));
}

/** The PID namespaces that the peer has a number in, up to ours; read while a pidfd of it still has the number. */
function pidNamespacesOf({ pid = 0, pidfdId }: ProcessFacts): Reading<readonly number[]> {
  const chain = reading(() => {
    using process = new PinnedProcess(openPidfd(pid));
    if (process.id !== pidfdId) return undefined;
    const namespaces = pidNamespaceChain(pid);
    return process.stillHas(pid) ? namespaces : undefined;
  });
  if ('value' in chain) return chain.value === undefined ? ended : { value: chain.value };
  return chain.error.code === 'ENOENT' || chain.error.code === 'ESRCH' ? ended : chain;
}

function idSeen(
  kind: IdKind,
  { ids }: HolderView,
  credential: Credential,
  verdict: Verdict,
  ourselves: Ourselves,
): Reading<number> {
  if ('error' in ids) return ids;
  const { value } = ids;
  if (value === 'ours') return { value: credential[kind] };
  if (verdict === 'contradicted') return rewritten;
  return { value: idThere(kind, value, credential, ourselves) ?? value[kind].overflow };
}
