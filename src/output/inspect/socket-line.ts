import type { IdDocument, SocketDocument } from '../../document/socket-document.js';
import { sanitise } from '../../words/sanitise.js';
import { backlogText } from '../who.js';

const letters = ['---', '--x', '-w-', '-wx', 'r--', 'r-x', 'rw-', 'rwx'] as const;

/** A file's mode as ls(1) writes it. */
export function modeText(type: 's' | 'd', mode: number): string {
  const [owner = '', group = '', others = ''] = [mode >> 6, mode >> 3, mode].map((bits) => letters[bits & 7] ?? '');
  return `${type}${owner}${group}${others}`;
}

/** One line on what was looked at, and who may connect to it. */
export function socketLine(socket: SocketDocument): string {
  const parts: string[] = [socket.type, socket.state];
  if (socket.mode !== undefined && socket.owner !== undefined && socket.group !== undefined) {
    const mode = modeText('s', Number.parseInt(socket.mode, 8));
    parts.push(`${mode} ${nameOf(socket.owner)} ${nameOf(socket.group)}`);
  }
  if (socket.boundAddress !== undefined) parts.push(`bound to ${sanitise(socket.boundAddress)}`);
  if (socket.inode !== undefined) parts.push(`inode ${socket.inode}`);
  if (socket.peerAddress !== undefined) {
    const what = socket.receiverClosed === true ? 'to a closed socket that was bound' : 'peer bound';
    parts.push(`${what} to ${sanitise(socket.peerAddress)}`);
  }
  const backlog = socket.backlog && backlogText(socket.backlog);
  if (backlog !== undefined) parts.push(backlog);
  const who = whoMayConnect(socket);
  return `${sanitise(socket.address ?? 'a socket without a name')}  ${parts.join(', ')}${who === undefined ? '' : `: ${who}`}`;
}

/** Who may connect, by what was recorded of the file and of the directories on the way. */
function whoMayConnect(socket: SocketDocument): string | undefined {
  if (socket.state === 'connected') return undefined;
  const may = socket.type === 'dgram' ? 'may send' : 'may connect';
  if (socket.address?.startsWith('@')) return `any process of its network namespace ${may}`;
  const { owner, group, mode: octal } = socket;
  if (owner === undefined || group === undefined || octal === undefined) return undefined;
  const mode = Number.parseInt(octal, 8);
  const guards = (socket.guardedBy ?? []).map(
    ({ path, owner: user, group: team, mode: bits }) =>
      `${sanitise(path)} (${modeText('d', Number.parseInt(bits, 8))} ${nameOf(user)} ${nameOf(team)})`,
  );
  const through = guards.length === 0 ? '' : ` who may enter ${guards.join(' and ')}`;
  return `${writers(mode, owner, group)}${through} ${may}`;
}

/** Those to whom the mode gives write permission, which connect(2) needs. unix(7) */
function writers(mode: number, owner: IdDocument, group: IdDocument): string {
  const ownerMay = owner.id === 0 || (mode & 0o200) !== 0;
  const groupMay = (mode & 0o020) !== 0;
  // The first class that somebody belongs to decides, even if a later one has more. path_resolution(7)
  if ((mode & 0o002) !== 0) {
    const excepted = [ownerMay ? '' : `user ${nameOf(owner)}`, groupMay ? '' : `group ${nameOf(group)}`].filter(
      Boolean,
    );
    return excepted.length === 0 ? 'anybody' : `anybody but ${excepted.join(' and ')}`;
  }
  const who = ['root'];
  if (ownerMay && owner.id !== 0) who.push(`user ${nameOf(owner)}`);
  if (groupMay) who.push(`group ${nameOf(group)}${ownerMay ? '' : ` (but not user ${nameOf(owner)})`}`);
  return who.length === 1 ? 'only root' : who.join(' and ');
}

function nameOf({ id, name }: IdDocument): string {
  return sanitise(name ?? String(id));
}
