import type { MessageDocument } from '../../document/message-document.js';
import type { Names } from '../../document/names.js';
import type { ProcessDocument } from '../../document/process-document.js';
import { counted } from '../../words/counted.js';
import { fewOf } from '../../words/few.js';
import { sanitise } from '../../words/sanitise.js';
import { otherReasons } from '../inspect/other-reasons.js';
import { severityWord, type Style, verdictWord } from '../style.js';
import { idText, processText } from '../who.js';

/**
 * A message for people: what it says, the verdict on its sender, and where
 * the number and the pidfd mean different processes, both.
 */
export function messageText(message: MessageDocument, names: Names, style: Style): string {
  const lines = [`${lengthOf(message)}  ${verdictWord(message.verdict, style)}  ${senderText(message, names)}`];
  if (message.verdict !== 'pinned') {
    lines.push(
      `by PID (SCM_CREDENTIALS): ${namedText(message.byPid, message.credential?.pid)}`,
      `${message.byPid === null || message.byPidfd === null ? '' : '≠ '}by pidfd (SCM_PIDFD): ${namedText(message.byPidfd, undefined)}`,
      message.text,
    );
  }
  if (message.passed.length > 0) lines.push(`passed along, and closed: ${fewOf(message.passed, sanitise).join(', ')}`);
  for (const { severity, text } of message.findings) {
    lines.push(`${severityWord(severity, style)}: ${sanitise(text)}`);
  }
  for (const reason of whyNotKnown(message)) lines.push(`not known: ${sanitise(reason)}`);
  return lines.join('\n');
}

/** What of a sender is shown, where it is known. */
const shown = /^(byPid|byPidfd)\.(comm|unit|userUnit|container|pidfdId)$|^passed\.|^(credential|byPidfd)$/;

/** Why parts of the lines are missing; of a sender that has ended the state tells it. */
function whyNotKnown({ unavailable, byPid, byPidfd, text, verdict }: MessageDocument): string[] {
  const hasEnded = (fact: string): boolean =>
    (fact.startsWith('byPid.') && byPid?.state === 'exited') ||
    (fact.startsWith('byPidfd.') && byPidfd?.state === 'exited');
  const rows = unavailable.filter(({ fact }) => shown.test(fact) && !hasEnded(fact));
  return otherReasons({ unavailable: rows, text, verdict }, '');
}

function lengthOf({ bytes, preview, previewBytes, from }: MessageDocument): string {
  const origin = from === undefined ? '' : ` from ${sanitise(from)}`;
  const shown = preview === '' ? '' : ` '${sanitise(preview)}'${bytes > previewBytes ? '…' : ''}`;
  return `${counted(bytes, 'byte')}${origin}${shown}`;
}

/** Whom SCM_CREDENTIALS names, with its real ids, or with those that it stated. */
function senderText({ credential, byPidfd, byPid, findings }: MessageDocument, names: Names): string {
  if (credential === null) return 'sender not known';
  const comm = (byPidfd ?? byPid)?.comm;
  const kind = findings.some(({ id }) => id === 'stated') ? 'stated' : 'real';
  const uid = idText(credential.uid, names.user(credential.uid));
  const gid = idText(credential.gid, names.group(credential.gid));
  return `pid ${credential.pid}${comm === undefined ? '' : ` ${sanitise(comm)}`}, ${kind} user ${uid}, ${kind} group ${gid}`;
}

function namedText(process: ProcessDocument | null, number: number | undefined): string {
  if (process !== null) return processText(process);
  return number === undefined || number === 0 ? 'none' : `nobody has ${number} now`;
}
