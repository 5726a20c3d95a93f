import type { PassOption } from '../../native-probe/socket-kinds.js';
import type { IdentityFacts } from '../identity/identify.js';
import type { Ourselves } from '../identity/ourselves.js';
import type { ProcAny } from '../identity/proc-facts.js';
import type { Holders } from '../socket/holders.js';
import type { RecordingCall } from '../socket/recording-call.js';
import type { Reading } from '../words/reading.js';

/** Something worth knowing beside the verdict. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  readonly text: string;
}

/** `danger`: somebody is probably deceived; `warning`: look at it; `info`: good to know. */
export type Severity = 'danger' | 'warning' | 'info';

/** The rank of a severity: the lower, the worse. */
export const severityRank: Readonly<Record<Severity, number>> = { danger: 0, warning: 1, info: 2 };

/** Stable names, for programs, with how severe each may be, and the manual page of which command has it. */
export const findings = {
  zombie: { page: 'inspect', severities: ['warning'] },
  suspended: { page: 'inspect', severities: ['warning'] },
  ending: { page: 'inspect', severities: ['warning', 'info'] },
  'uid-changed': { page: 'inspect', severities: ['warning'] },
  'gid-changed': { page: 'inspect', severities: ['warning'] },
  'ids-differ': { page: 'inspect', severities: ['warning'] },
  'uid-unmapped': { page: 'inspect', severities: ['warning'] },
  'gid-unmapped': { page: 'inspect', severities: ['info'] },
  'executable-deleted': { page: 'inspect', severities: ['warning'] },
  'executable-replaced': { page: 'inspect', severities: ['warning'] },
  traced: { page: 'inspect', severities: ['warning'] },
  unreadable: { page: 'inspect', severities: ['warning'] },
  'other-namespaces': { page: 'inspect', severities: ['info'] },
  'holder-differs': { page: 'inspect', severities: ['warning', 'info'] },
  'shared-socket': { page: 'inspect', severities: ['info'] },
  self: { page: 'inspect', severities: ['info'] },
  'pid-is-thread': { page: 'inspect', severities: ['warning'] },
  'no-pidfd-ids': { page: 'inspect', severities: ['info'] },
  'path-changed': { page: 'inspect', severities: ['danger'] },
  'credential-refused': { page: 'inspect', severities: ['danger'] },
  'proc-not-ours': { page: 'inspect', severities: ['warning'] },
  'sender-differs': { page: 'listen', severities: ['warning'] },
  'message-ids-differ': { page: 'listen', severities: ['warning'] },
  stated: { page: 'listen', severities: ['warning'] },
  'sent-before-asked': { page: 'listen', severities: ['info'] },
  'control-truncated': { page: 'listen', severities: ['warning'] },
  truncated: { page: 'listen', severities: ['info'] },
  'service-sees-foreign': { page: 'scan', severities: ['warning'] },
  'service-sees-unmapped': { page: 'scan', severities: ['warning'] },
  'service-names-differ': { page: 'scan', severities: ['warning', 'info'] },
  'file-deleted': { page: 'scan', severities: ['warning'] },
  'file-moved': { page: 'scan', severities: ['info'] },
  'path-taken': { page: 'scan', severities: ['warning'] },
  'backlog-near-full': { page: 'scan', severities: ['warning'] },
  'path-unreadable': { page: 'scan', severities: ['info'] },
  'queue-full': { page: 'scan', severities: ['warning'] },
  'closed-and-kept': { page: 'scan', severities: ['warning', 'info'] },
  'open-to-all': { page: 'scan', severities: ['info'] },
  'judges-by-number': { page: 'inspect', severities: ['info'] },
  'peer-is-relay': { page: 'inspect', severities: ['info'] },
  'receiver-closed': { page: 'inspect', severities: ['warning'] },
} as const satisfies Readonly<
  Record<string, { readonly page: 'inspect' | 'listen' | 'scan'; readonly severities: readonly Severity[] }>
>;

export type FindingId = keyof typeof findings;

export const findingIds = Object.keys(findings) as FindingId[];

/** Makes a finding. */
export function finding<Id extends FindingId>(
  id: Id,
  severity: (typeof findings)[Id]['severities'][number],
  text: string,
): Finding {
  return { id, severity, text };
}

/** All that the findings about a socket and its peer are drawn from. */
export interface FindingInput {
  readonly peer: IdentityFacts<ProcAny>;
  readonly recordedBy: RecordingCall;
  /** Undefined when holders were not looked for. */
  readonly holders: Reading<Holders> | undefined;
  readonly ourselves: Ourselves;
  /** Whether the path led to another file when it was connected to than when it was looked at. */
  readonly pathChanged?: boolean;
  /** The SO_PASS* options that are on at the socket itself; undefined where these are not known. */
  readonly asks?: readonly PassOption[] | undefined;
  /** See goesByWriters(). */
  readonly byWriters?: boolean;
  /** Of a datagram socket that is connected to a closed one, whether that was bound to an address. */
  readonly lostReceiver?: { readonly hadAddress: boolean } | undefined;
}

/** Sorts findings in place, the worst first. */
export function bySeverity(findings: Finding[]): Finding[] {
  return findings.sort((a, b) => severityRank[a.severity] - severityRank[b.severity]);
}
