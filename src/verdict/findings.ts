import { valueOf } from '../words/reading.js';
import { bySeverity, type Finding, finding, type FindingInput } from './finding.js';
import { ofHolders } from './holder-findings.js';
import { judgesByNumber } from './judges-by-number.js';
import { ofProcess } from './process-findings.js';
import { receiverClosed } from './receiver-closed.js';
import { unmappedIds } from './unmapped-ids.js';

/** Every finding about a socket and its peer, the worst first. */
export function findingsOf(input: FindingInput): Finding[] {
  return bySeverity([
    ...(input.pathChanged === true ? [pathChanged] : []),
    ...ofCredential(input),
    ...ofProcess(input),
    ...ofHolders(input),
    ...judgesByNumber(input.asks ?? []),
    ...(input.lostReceiver === undefined ? [] : [receiverClosed(input.lostReceiver.hadAddress)]),
    ...ofSystem(input),
  ]);
}

const pathChanged = finding(
  'path-changed',
  'danger',
  'The path led to one file when peerpid looked at it, and to another when it connected: somebody changes the path. Whoever answers may not be the one whose file was looked at.',
);

function ofCredential({ peer, ourselves }: FindingInput): Finding[] {
  if ('error' in peer.credential) {
    const text = `SO_PEERCRED was refused with ${peer.credential.error.code}: a BPF program on the cgroup, or a seccomp filter, is in the way.`;
    return [finding('credential-refused', 'danger', text)];
  }
  const credential = peer.credential.value;
  return credential === undefined ? [] : unmappedIds(credential, ourselves);
}

function ofSystem({ peer, ourselves }: FindingInput): Finding[] {
  const findings: Finding[] = [];
  const pinned = valueOf(peer.pinned);
  if (pinned !== undefined && pinned.pidfdId === undefined) {
    findings.push(
      finding(
        'no-pidfd-ids',
        'info',
        'There are no pidfd ids here (they came with Linux 6.9): processes are compared by PID while the pidfd is held, which is weaker evidence.',
      ),
    );
  }
  if (ourselves.procIsOurs !== true) {
    findings.push(
      finding(
        'proc-not-ours',
        'warning',
        ourselves.procIsOurs === undefined
          ? 'There is no /proc here, so of a process only what the pidfd shows is known.'
          : 'The /proc that is mounted here belongs to another PID namespace: its PIDs are not ours, and a service that looks into /proc/PID here sees another process.',
      ),
    );
  }
  return findings;
}
