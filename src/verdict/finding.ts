import type { PassOption } from '../../native-probe/socket-kinds.js';
import type { IdentityFacts } from '../identity/identify.js';
import type { Ourselves } from '../identity/ourselves.js';
import type { Holders } from '../socket/holders.js';
import type { RecordingCall } from '../socket/recording-call.js';
import type { Reading } from '../words/reading.js';

/** Something worth telling beside the verdict. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  readonly text: string;
}

/** `danger`: somebody is probably deceived; `warning`: look at it; `info`: good to know. */
export type Severity = 'danger' | 'warning' | 'info';

/** Less is worse. */
export const severityRank: Readonly<Record<Severity, number>> = { danger: 0, warning: 1, info: 2 };

/** Stable names, for programs. Each is in peerpid-inspect(1), peerpid-scan(1), or if it is of messages in peerpid-listen(1). */
export const findingIds = [
  'zombie',
  'uid-changed',
  'gid-changed',
  'ids-differ',
  'uid-unmapped',
  'gid-unmapped',
  'executable-deleted',
  'executable-replaced',
  'traced',
  'other-namespaces',
  'holder-differs',
  'shared-socket',
  'self',
  'pid-is-thread',
  'no-pidfd-ids',
  'credential-refused',
  'proc-not-ours',
  'sender-differs',
  'message-ids-differ',
  'stated',
  'sent-before-asked',
  'control-truncated',
  'truncated',
  'service-sees-foreign',
  'service-sees-unmapped',
  'file-deleted',
  'file-moved',
  'path-taken',
  'backlog-near-full',
  'open-to-all',
  'judges-by-number',
] as const;

export type FindingId = (typeof findingIds)[number];

/** Makes a finding. */
export function finding(id: FindingId, severity: Severity, text: string): Finding {
  return { id, severity, text };
}

/** All that the findings about a socket and its peer are drawn from. */
export interface FindingInput {
  readonly peer: IdentityFacts;
  readonly recordedBy: RecordingCall;
  /** Undefined when holders were not looked for. */
  readonly holders: Reading<Holders> | undefined;
  readonly ourselves: Ourselves;
  /** The SO_PASS* options that are on at the socket itself; undefined where these are not known. */
  readonly asks?: readonly PassOption[] | undefined;
}

/** Sorts findings in place, the worst first. */
export function bySeverity(findings: Finding[]): Finding[] {
  return findings.sort((a, b) => severityRank[a.severity] - severityRank[b.severity]);
}
