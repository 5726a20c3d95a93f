import { type Connection, verdictOf } from '../../connections/connections.js';
import type { Selection } from '../../connections/selection.js';
import type { CredentialDocument } from '../../document/inspect-document.js';
import type { ScannedSocketDocument } from '../../document/scan-document.js';
import type { FileDocument, HolderDocument } from '../../document/socket-document.js';
import { counted } from '../../words/counted.js';
import { fewOf } from '../../words/few.js';
import { sanitise } from '../../words/sanitise.js';
import { foldedBeside } from '../folded-beside.js';
import { modeText } from '../inspect/socket-line.js';
import { severityWord, type Style, verdictWord } from '../style.js';
import { backlogText, holderText, idText, processText } from '../who.js';
import { namesSeenText } from './names-seen-text.js';
import { scanSummary } from './scan-summary.js';

type Row = ScannedSocketDocument;

/** `scan --long`: all that there is to say of each connection in a block of lines, the worst first, and the summary. */
export function scanLong({ connections, document }: Selection, style: Style): string {
  const blocks = connections.map((connection) => block(connection, style));
  return `${[...blocks, scanSummary(document, style)].join('\n\n')}\n`;
}

function block(connection: Connection, style: Style): string {
  const { kind, service, client } = connection;
  const verdict = verdictOf(connection);
  const type = (service ?? client)?.type ?? '';
  const address = service?.address ?? client?.peerAddress ?? client?.address;
  const head = [
    ...(verdict === undefined ? [] : [verdictWord(verdict, style)]),
    type,
    sanitise(address ?? 'without a name'),
  ].join('  ');
  const lines = [head];
  const way = (service ?? client)?.reachedBy;
  if (way !== undefined) lines.push(...entry('reached by', sanitise(way), style));
  if (kind === 'waiting') {
    lines.push(
      ...entry('listener', holdersText(service?.holders ?? []), style),
      ...end('client, waits', client, style),
    );
  } else if (kind === 'sender') {
    const receiver = client?.receiverClosed === true ? 'closed' : holdersText(service?.holders ?? []);
    lines.push(...entry('receiver', receiver, style), ...end('sender', client, style));
  } else {
    lines.push(...end(kind === 'connection' ? 'service' : kind, service, style), ...end('client', client, style));
  }
  return lines.join('\n');
}

const labelWidth = 15;

function entry(label: string, text: string, style: Style): string[] {
  const padded = `  ${label}`.padEnd(labelWidth);
  return [`${style.chalk.dim(padded)} ${foldedBeside(text, labelWidth + 1, style)}`];
}

/** One end, and what it has at the other. */
function end(label: string, row: Row | undefined, style: Style): string[] {
  if (row === undefined) return [];
  const lines = entry(label, `${holdersText(row.holders)}; ${socketText(row)}`, style);
  if (row.credential !== undefined) lines.push(...entry('  has there', peerText(row), style));
  const { text, seenBy } = row;
  // The sentence is about what peerpid is told; where the holder of the socket is told otherwise, that is what counts
  const isOurs = seenBy === undefined || seenBy.verdict === row.verdict;
  if (text !== undefined && row.credential !== null && isOurs) lines.push(...entry('', text, style));
  if (seenBy !== undefined && differs(row)) {
    const pid = seenBy.pid === undefined ? 'a PID that cannot be told from here' : `PID ${seenBy.pid}`;
    lines.push(
      ...entry(
        '  is told',
        `process ${seenBy.holder} is told ${pid}, uid ${seenBy.uid ?? '?'}, gid ${seenBy.gid ?? '?'} in its own namespaces: ${seenBy.verdict}`,
        style,
      ),
    );
  }
  const names = namesSeenText(row);
  if (names !== undefined) lines.push(...entry('  its names', names, style));
  for (const { severity, text: found } of row.findings) {
    lines.push(...entry('', `${severityWord(severity, style)} ${sanitise(found)}`, style));
  }
  for (const { fact, reason } of row.unavailable) {
    if (toldIfMissing.has(fact)) lines.push(...entry('  not known', `${fact}: ${sanitise(reason)}`, style));
  }
  return lines;
}

function holdersText(holders: readonly HolderDocument[]): string {
  if (holders.length === 0) return 'no process was seen that has it open';
  return fewOf(holders, holderText).join(', ');
}

function socketText(row: Row): string {
  const { inode, type, owner, file, queue, backlog, shutdown, asks, pending } = row;
  const parts = [`inode ${inode}`];
  if (owner !== undefined) parts.push(`made by ${idText(owner.id, owner.name)}`);
  if (file !== undefined) parts.push(fileText(file));
  if (backlog !== undefined) parts.push(backlogText(backlog) ?? `nobody waiting (backlog ${backlog.most})`);
  if (pending !== undefined && pending.length > 0) {
    parts.push(`waiting: ${fewOf(pending, waitingText).join(', ')}`);
  }
  if (queue !== undefined && queue.receive > 0) {
    const bytes = counted(queue.receive, 'byte');
    parts.push(type === 'dgram' ? `a message of ${bytes} waits first` : `${bytes} not read yet`);
  }
  if (queue !== undefined && queue.send > 0) {
    parts.push(`what it sent takes ${counted(queue.send, 'byte')} of memory and is not read yet`);
  }
  if (shutdown !== undefined) {
    parts.push(shutdown.length === 2 ? 'closed in both directions' : `closed to ${shutdown.join('')}`);
  }
  if (asks !== undefined) parts.push(asksText(asks));
  return parts.join(', ');
}

function waitingText({ inode, holders }: NonNullable<Row['pending']>[number]): string {
  return holders.length === 0 ? `inode ${inode}` : fewOf(holders, holderText, 1).join(' ');
}

function fileText({ owner, group, mode }: FileDocument): string {
  const bits = Number.parseInt(mode, 8);
  return `${modeText('s', bits)} ${idText(owner.id, owner.name)} ${idText(group.id, group.name)}`;
}

function asksText(asks: NonNullable<Row['asks']>): string {
  const marks = asks.filter((option) => option !== 'rights');
  const rights = asks.includes('rights') ? '' : ', takes no descriptors';
  return `${marks.length === 0 ? 'asks for no sender’s identity' : `asks for ${marks.join(' ')} of each sender`}${rights}`;
}

function peerText({ credential, recordedBy, byPid, byPidfd }: Row): string {
  if (credential === undefined || credential === null) return 'no credential';
  const parts = [`${credentialText(credential)}, as of ${recordedBy ?? ''}`];
  if (byPid !== undefined && byPid !== null) parts.push(`that PID is ${processText(byPid)}`);
  else if (credential.pid !== 0) parts.push('nobody has that PID');
  if (byPidfd !== undefined && byPidfd !== null && byPidfd.pidfdId !== byPid?.pidfdId) {
    parts.push(`the pidfd pins ${processText(byPidfd)}`);
  }
  return parts.join('; ');
}

function credentialText({ pid, uid, user, gid, group }: CredentialDocument): string {
  return `PID ${pid}, uid ${idText(uid, user)}, gid ${idText(gid, group)}`;
}

const toldIfMissing = new Set(['credential', 'seenBy.user', 'seenBy.group']);

function differs({ seenBy, credential, verdict }: Row): boolean {
  if (seenBy === undefined || credential === undefined || credential === null) return false;
  return (
    seenBy.verdict !== verdict ||
    seenBy.pid !== credential.pid ||
    seenBy.uid !== credential.uid ||
    seenBy.gid !== credential.gid
  );
}
