import type { Credential } from '../../native-probe/peer-credential.js';
import type { Ourselves } from '../identity/ourselves.js';
import { type Finding, finding } from './finding.js';

/** Findings about overflow ids in a credential: each stands for any id not mapped here. user_namespaces(7) */
export function unmappedIds(credential: Credential, { unmappedUid, unmappedGid }: Ourselves): Finding[] {
  const findings: Finding[] = [];
  if (credential.uid === unmappedUid) {
    findings.push(
      finding(
        'uid-unmapped',
        'warning',
        `Uid ${credential.uid} stands for an id that is not mapped in this user namespace: it does not mean user ${credential.uid}.`,
      ),
    );
  }
  if (credential.gid === unmappedGid) {
    findings.push(
      finding(
        'gid-unmapped',
        'info',
        `Gid ${credential.gid} stands for an id that is not mapped in this user namespace: it does not mean group ${credential.gid}.`,
      ),
    );
  }
  return findings;
}
