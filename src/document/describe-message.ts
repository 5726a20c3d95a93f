import type { Ourselves } from '../identity/ourselves.js';
import type { MessageInspection } from '../inspection/inspect-message.js';
import type { SenderFacts } from '../inspection/sender.js';
import { formatAddress } from '../socket/address.js';
import { mapReading } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { describeConclusion } from './describe-conclusion.js';
import { describePinned, describeProcess } from './describe-process.js';
import type { MessageCredentialDocument, MessageDocument } from './message-document.js';
import type { Names } from './names.js';
import { Missing, present, type Unavailable } from './unavailable.js';

/** A message and its sender, as JSON has it. */
export function describeMessage(inspection: MessageInspection, names: Names): MessageDocument {
  const { sender } = inspection;
  const missing = new Missing();
  const credential = describeCredential(sender, names, missing);
  const { byPid, byPidfd, rows } = describeSender(sender, inspection.ourselves);
  missing.rows.push(...rows);
  return {
    bytes: sender.length,
    preview: textOf(sender.preview),
    previewBytes: sender.preview.length,
    ...present({ from: formatAddress(sender.from) }),
    credential,
    byPid,
    byPidfd,
    passed: sender.passed.map(
      ({ what }, index) => missing.take(`passed.${index}`, mapReading(what, textOf)) ?? 'unknown',
    ),
    ...describeConclusion(inspection, missing, names),
  };
}

type Sender = Pick<MessageDocument, 'byPid' | 'byPidfd'> & { readonly rows: readonly Unavailable[] };

/** By what was found of the pinned process, which the messages of a sender share in a batch. */
const described = new WeakMap<SenderFacts['pinned'], Sender>();

function describeSender({ named, pinned }: SenderFacts, ourselves: Ourselves): Sender {
  const known = described.get(pinned);
  if (known !== undefined) return known;
  const missing = new Missing();
  const facts = missing.take('byPidfd', pinned);
  const byPid = named?.facts === undefined ? null : describeProcess(named.facts, 'byPid', ourselves, missing);
  const byPidfd = describePinned(facts, named?.facts, byPid, ourselves, missing);
  const sender = { byPid, byPidfd, rows: missing.rows };
  described.set(pinned, sender);
  return sender;
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
