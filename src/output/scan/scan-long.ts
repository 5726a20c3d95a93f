import { type Alike, bringTogether, each as eachAlone } from '../../connections/alike-connections.js';
import { type Connection, deceivesSomebody, verdictOf } from '../../connections/connections.js';
import type { Selection } from '../../connections/selection.js';
import type { CredentialDocument } from '../../document/inspect-document.js';
import type { ScannedSocketDocument } from '../../document/scan-document.js';
import type { FileDocument } from '../../document/socket-document.js';
import { counted } from '../../words/counted.js';
import { fewOf } from '../../words/few.js';
import { sanitise } from '../../words/sanitise.js';
import { foldedBeside } from '../folded-beside.js';
import { modeText } from '../inspect/socket-line.js';
import { severityWord, type Style, verdictWord } from '../style.js';
import { backlogText, holderText, idText, processText } from '../who.js';
import { namesSeenText } from './names-seen-text.js';

type Row = ScannedSocketDocument;

/**
 * `scan --long`: all that there is to say of each connection in a block of lines, the worst first.
 *
 * @param each - whether connections that are alike have a block each, rather than one with their number
 */
export function scanLong(
  { connections }: Pick<Selection, 'connections'>,
  style: Style,
  { each = false }: { readonly each?: boolean } = {},
): string {
  const alike = each ? eachAlone(connections) : bringTogether(connections, 'whole');
  return alike.map((one) => `${block(one, style)}\n`).join('\n');
}

function block({ all }: Alike, style: Style): string {
  const [connection] = all;
  const { kind, service, client } = connection;
  const verdict = verdictOf(connection);
  const type = (service ?? client)?.type ?? '';
  const address = service?.address ?? client?.peerAddress ?? client?.address;
  const head = [
    ...(verdict === undefined ? [] : [verdictWord(verdict, style, !deceivesSomebody(connection))]),
    type,
    sanitise(address ?? 'without a name'),
    ...(all.length === 1 ? [] : [`×${all.length}`]),
  ].join('  ');
  const lines = [head];
  const way = (service ?? client)?.reachedBy;
  if (way !== undefined) lines.push(...entry('reached by', sanitise(way), style));
  const [services, clients] = [rowsOf(all, 'service'), rowsOf(all, 'client')];
  if (kind === 'waiting') {
    lines.push(...entry('listener', holdersText(services), style), ...end('client, waits', clients, style));
  } else if (kind === 'sender') {
    const receiver = client?.receiverClosed === true ? 'closed' : holdersText(services);
    lines.push(...entry('receiver', receiver, style), ...end('sender', clients, style));
  } else {
    lines.push(...end(kind === 'connection' ? 'service' : kind, services, style), ...end('client', clients, style));
  }
  return lines.join('\n');
}

/** An end of each of those that are alike, each socket once: they may share a listener. */
function rowsOf(all: readonly Connection[], end: 'service' | 'client'): readonly Row[] {
  return [...new Set(all.flatMap((connection) => connection[end] ?? []))];
}

const labelWidth = 15;

function entry(label: string, text: string, style: Style): string[] {
  const padded = `  ${label}`.padEnd(labelWidth);
  return [`${style.chalk.dim(padded)} ${foldedBeside(text, labelWidth + 1, style)}`];
}

/** One end, of all that are alike, and what it has at the other. */
function end(label: string, rows: readonly Row[], style: Style): string[] {
  const [row] = rows;
  if (row === undefined) return [];
  const lines = entry(label, `${holdersText(rows)}; ${socketText(row, rows)}`, style);
  if (row.credential !== undefined) lines.push(...entry('  has there', peerText(row), style));
  const { text, seenBy } = row;
  // The sentence is about what peerpid is told; where the holder of the socket is told otherwise, that is what counts
  const isOurs = seenBy === undefined || seenBy.verdict === row.verdict;
  if (text !== undefined && row.credential !== null && isOurs) lines.push(...entry('', text, style));
  if (seenBy !== undefined && differs(row)) {
    const pid = seenBy.pid === undefined ? 'a PID that is not known here' : `PID ${seenBy.pid}`;
    lines.push(
      ...entry(
        '  sees',
        `process ${seenBy.holder} sees ${pid}, uid ${seenBy.uid ?? '?'}, gid ${seenBy.gid ?? '?'} in its own namespaces: ${seenBy.verdict}`,
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
    lines.push(...entry('  not known', `${fact}: ${sanitise(reason)}`, style));
  }
  return lines;
}

/** The holders of sockets that are alike: the same, each with its descriptors of all. */
function holdersText(rows: readonly Row[]): string {
  const [{ holders } = { holders: [] }] = rows;
  if (holders.length === 0) return 'no process was seen that has it open';
  return fewOf([...holders.entries()], ([index, holder]) =>
    holderText({ ...holder, fds: rows.flatMap((row) => row.holders[index]?.fds ?? []) }),
  ).join(', ');
}

function socketText(row: Row, alike: readonly Row[]): string {
  const { type, owner, file, queue, backlog, shutdown, asks, pending } = row;
  const parts = [`${alike.length === 1 ? 'inode' : 'inodes'} ${fewOf(alike, ({ inode }) => `${inode}`).join(' ')}`];
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

/** As `ls -l` has it: a `+` stands for an access control list, of which those are told that it names. */
function fileText({ owner, group, mode, accessList, bar }: FileDocument): string {
  const list = accessList === undefined ? '' : '+';
  const text = `${modeText('s', Number.parseInt(mode, 8))}${list} ${idText(owner.id, owner.name)} ${idText(group.id, group.name)}`;
  const named = (accessList ?? []).flatMap(({ tag, id, name, permissions }) =>
    id === undefined ? [] : [`${tag} ${idText(id, name)} ${permissions}`],
  );
  return [text, ...fewOf(named, (one) => one), ...(bar === undefined ? [] : [barText[bar]])].join(', ');
}

const barText: Readonly<Record<NonNullable<FileDocument['bar']>, string>> = {
  immutable: 'immutable, so nobody may connect',
  unmapped: 'of nobody, if its idmapped mount does not map its owner or group: then nobody may connect',
};

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

function differs({ seenBy, credential, verdict }: Row): boolean {
  if (seenBy === undefined || credential === undefined || credential === null) return false;
  return (
    seenBy.verdict !== verdict ||
    seenBy.pid !== credential.pid ||
    seenBy.uid !== credential.uid ||
    seenBy.gid !== credential.gid
  );
}
