import { describeFile } from '../document/describe-socket.js';
import type { CredentialDocument } from '../document/inspect-document.js';
import type { Names } from '../document/names.js';
import type { ScannedSocketDocument } from '../document/scan-document.js';
import { describeLabel } from '../document/security-label.js';
import { Missing } from '../document/unavailable.js';
import { formatAddress } from '../socket/address.js';
import { deceives } from '../verdict/deceives.js';
import { valueOf } from '../words/reading.js';
import type { Audited } from './audit.js';
import type { ProcessCatalogue } from './process-catalogue.js';
import { describeSeenBy } from './seen-by/describe-seen-by.js';

/** The conclusions in a row of the document. Each has all fields: what is absent is undefined. */
export type DescribedConclusion = {
  readonly [Name in Concluded]: ScannedSocketDocument[Name];
};
type Concluded =
  | 'file'
  | 'reachedBy'
  | 'credential'
  | 'recordedBy'
  | 'byPid'
  | 'byPidfd'
  | 'verdict'
  | 'basis'
  | 'text'
  | 'seenBy'
  | 'deceives'
  | 'asks'
  | 'crowd'
  | 'findings'
  | 'unavailable';

/** The fields of a socket of which nothing was concluded. */
export const nothing: DescribedConclusion = {
  file: undefined,
  reachedBy: undefined,
  credential: undefined,
  recordedBy: undefined,
  byPid: undefined,
  byPidfd: undefined,
  verdict: undefined,
  basis: undefined,
  text: undefined,
  seenBy: undefined,
  deceives: undefined,
  asks: undefined,
  crowd: undefined,
  findings: [],
  unavailable: [],
};

/** Describes conclusions, each once: sockets of which the same was concluded have one object. */
export class DescribedConclusions {
  readonly #described = new Map<Audited, DescribedConclusion>();

  constructor(
    private readonly processes: ProcessCatalogue,
    private readonly names: Names,
  ) {}

  of(audited: Audited): DescribedConclusion {
    let described = this.#described.get(audited);
    if (described === undefined) this.#described.set(audited, (described = this.#describe(audited)));
    return described;
  }

  #describe(audited: Audited): DescribedConclusion {
    const { peer, recordedBy, judgement, sentence, seenBy, asks, findings } = audited;
    const missing = new Missing();
    const way = audited.listener?.way;
    const named = peer.named?.facts;
    const credential = describeCredential(audited, this.names, missing);
    // Where there is no credential, there is no pidfd for the same reason
    const pinned = credential === undefined ? valueOf(peer.pinned) : missing.take('byPidfd', peer.pinned);
    return {
      file: describeFileOf(audited, this.names, missing),
      reachedBy: way && formatAddress({ kind: 'path', path: way }),
      credential: credential ?? null,
      recordedBy,
      byPid: named === undefined ? null : this.processes.briefOf(named),
      byPidfd: pinned === undefined ? null : this.processes.briefOf(pinned),
      verdict: judgement.verdict,
      basis: judgement.basis,
      text: sentence,
      seenBy: seenBy && describeSeenBy(seenBy, missing),
      deceives: deceivesItsHolder(audited) ? true : undefined,
      asks: missing.take('asks', asks),
      crowd: audited.listener?.crowd,
      findings,
      unavailable: missing.rows,
    };
  }
}

function deceivesItsHolder({ seenBy, judgement, recordedBy, byWriters, listener, asks, findings }: Audited): boolean {
  const verdict = seenBy?.verdict ?? judgement.verdict;
  return deceives({ verdict, recordedBy, listens: listener !== undefined, asks: valueOf(asks), byWriters, findings });
}

function describeFileOf({ listener }: Audited, names: Names, missing: Missing): ScannedSocketDocument['file'] {
  if (listener?.unknown !== undefined && 'error' in listener.unknown) {
    const { error } = listener.unknown;
    // What nobody refused is said in words alone
    if (error.code === 'ENODATA') missing.say('file', error.syscall);
    else missing.add('file', error);
  }
  return listener?.file && describeFile(listener.file, names);
}

function describeCredential(
  { peer, details }: Audited,
  names: Names,
  missing: Missing,
): CredentialDocument | undefined {
  const credential = missing.take('credential', peer.credential);
  if (credential === undefined) return undefined;
  const { pid, uid, gid } = credential;
  return {
    pid,
    uid,
    user: names.user(uid),
    gid,
    group: names.group(gid),
    groups: details && missing.take('credential.groups', details.groups),
    securityLabel: details && missing.take('credential.securityLabel', describeLabel(details.securityLabel)),
  };
}
