/** Something worth telling beside the verdict. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  readonly text: string;
}

/** `danger`: somebody is probably deceived; `warning`: look at it; `info`: good to know. */
export type Severity = 'danger' | 'warning' | 'info';

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
