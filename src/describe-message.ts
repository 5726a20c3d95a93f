import { formatAddress } from './address.js';
import { describePinned, describeProcess, Missing, present } from './describe.js';
import type { MessageCredentialDocument, MessageDocument } from './document.js';
import type { Names } from './names.js';
import type { SenderReport } from './sender-report.js';
import type { SenderFacts } from './sender.js';
import { textOf } from './text.js';

/** A message and its sender, as JSON has it. */
export function describeMessage(report: SenderReport, names: Names, explain: boolean): MessageDocument {
  const { sender, judgement } = report;
  const missing = new Missing();
  const credential = describeCredential(sender, names, missing);
  const named = sender.named?.view;
  const pinned = missing.take('byPidfd', sender.pinned);
  const byPid = named === undefined ? null : describeProcess(named, 'byPid', report.ourselves, missing);
  return {
    bytes: sender.length,
    preview: textOf(sender.preview),
    ...present({ from: formatAddress(sender.from) }),
    credential,
    byPid,
    byPidfd: describePinned(pinned, named, byPid, report.ourselves, missing),
    passed: sender.passed.map(({ what }, index) => missing.take(`passed.${index}`, what) ?? 'unknown'),
    verdict: judgement.verdict,
    basis: judgement.basis,
    text: report.sentence,
    findings: report.findings,
    unavailable: missing.rows,
    ...(explain && { evidence: report.evidence }),
  };
}

function describeCredential(sender: SenderFacts, names: Names, missing: Missing): MessageCredentialDocument | null {
  const credential = missing.take('credential', sender.credential);
  if (credential === undefined) return null;
  return {
    ...credential,
    ...present({
      user: names.user(credential.uid),
      group: names.group(credential.gid),
      securityLabel: sender.securityLabel && textOf(sender.securityLabel),
    }),
  };
}
