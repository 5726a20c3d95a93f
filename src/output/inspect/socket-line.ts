import type { FileDocument, IdDocument, SocketDocument } from '../../document/socket-document.js';
import { classesOf, toWrite } from '../../socket/access/classes.js';
import { fewOf } from '../../words/few.js';
import { permissionBits, permissionText } from '../../words/permissions.js';
import { sanitise } from '../../words/sanitise.js';
import { backlogText } from '../who.js';

/** A file's mode as ls(1) writes it. */
export function modeText(type: 's' | 'd', mode: number): string {
  return type + [mode >> 6, mode >> 3, mode].map(permissionText).join('');
}

/** One line on what was looked at, and who may connect to it. */
export function socketLine(socket: SocketDocument): string {
  const parts: string[] = [socket.type, socket.state];
  if (socket.mode !== undefined && socket.owner !== undefined && socket.group !== undefined) {
    parts.push(fileText('s', { ...socket, owner: socket.owner, group: socket.group, mode: socket.mode }));
  }
  if (socket.boundAddress !== undefined) parts.push(`bound to ${sanitise(socket.boundAddress)}`);
  if (socket.inode !== undefined) parts.push(`inode ${socket.inode}`);
  if (socket.state === 'listening' && socket.way === 'duplicate') parts.push('looked at without connecting');
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
  const { owner, group, mode, accessList = [], bar } = socket;
  if (owner === undefined || group === undefined || mode === undefined) return undefined;
  if (bar === 'immutable') return `nobody ${may}, as its file is immutable`;
  const guards = (socket.guardedBy ?? []).map((guard) => `${sanitise(guard.path)} (${fileText('d', guard)})`);
  const through = guards.length === 0 ? '' : ` who may enter ${guards.join(' and ')}`;
  const unless =
    bar === 'unmapped' ? ', or nobody, if its owner or group is one that its idmapped mount does not map' : '';
  return `${writers({ owner, group, mode, accessList })}${through} ${may}${unless}`;
}

/** As `ls -l` has it: a `+` stands for an access control list. */
function fileText(type: 's' | 'd', { owner, group, mode, accessList }: FileDocument): string {
  const list = accessList === undefined ? '' : '+';
  return `${modeText(type, Number.parseInt(mode, 8))}${list} ${nameOf(owner)} ${nameOf(group)}`;
}

/** Those to whom mode and access control list give write permission, which connect(2) needs. unix(7) */
function writers({ owner, group, mode, accessList }: Required<Omit<FileDocument, 'bar'>>): string {
  const entries = accessList.map(({ permissions, ...entry }) => ({
    ...entry,
    permissions: permissionBits(permissions),
  }));
  const may = classesOf({ uid: owner.id, gid: group.id, mode: Number.parseInt(mode, 8), accessList: entries }, toWrite);
  const nameOfEntry = (tag: 'user' | 'group', id: number): string =>
    `${tag} ${nameOf({ ...accessList.find((entry) => entry.tag === tag && entry.id === id), id })}`;
  // Root may in any case
  const users = [
    { id: owner.id, isLetIn: may.owner, name: `user ${nameOf(owner)}` },
    ...may.users.map(({ id, isLetIn }) => ({ id, isLetIn, name: nameOfEntry('user', id) })),
  ].filter(({ id }) => id !== 0);
  const groups = [
    { isLetIn: may.group.isLetIn, name: `group ${nameOf(group)}` },
    ...may.groups.map(({ id, isLetIn }) => ({ isLetIn, name: nameOfEntry('group', id) })),
  ];
  // The first class that somebody belongs to decides, even if a later one has more. path_resolution(7), acl(5)
  if (may.others) {
    const excepted = [...users, ...groups].filter(({ isLetIn }) => !isLetIn);
    return excepted.length === 0 ? 'anybody' : `anybody but ${named(excepted)}`;
  }
  const letIn = [{ name: 'root' }, ...[...users, ...groups].filter(({ isLetIn }) => isLetIn)];
  if (letIn.length === 1) return 'only root';
  const keptOut = users.filter(({ isLetIn }) => !isLetIn);
  const except = keptOut.length > 0 && groups.some(({ isLetIn }) => isLetIn) ? ` (but not ${named(keptOut)})` : '';
  return `${named(letIn)}${except}`;
}

function named(classes: readonly { readonly name: string }[]): string {
  return fewOf(classes, ({ name }) => name).join(' and ');
}

function nameOf({ id, name }: IdDocument): string {
  return sanitise(name ?? String(id));
}
