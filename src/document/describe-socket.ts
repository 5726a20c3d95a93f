import type { AccessEntry } from '../../native-probe/access-list.js';
import { formatAddress } from '../socket/address.js';
import type { SocketFacts } from '../socket/socket-facts.js';
import type { SocketFile } from '../socket/socket-file.js';
import { octalMode, permissionText } from '../words/permissions.js';
import { escapedName } from '../words/text.js';
import type { Names } from './names.js';
import type { AccessEntryDocument, FileDocument, SocketDocument } from './socket-document.js';
import { Missing, present } from './unavailable.js';

/** A socket alone, as JSON has it. */
export function describeOwnSocket(facts: SocketFacts, names: Names): SocketDocument {
  return describeSocket(facts, names, new Missing());
}

/** A socket, and what could not be had of it. */
export function describeSocket(facts: SocketFacts, names: Names, missing: Missing): SocketDocument {
  const inode = missing.take('socket.inode', facts.inode);
  if (facts.fileReached !== undefined && facts.fileReached !== 'same') missing.say('socket.owner', fileNotReached);
  const asks = facts.asks && missing.take('socket.asks', facts.asks);
  const guards = facts.guards && missing.take('socket.guardedBy', facts.guards);
  const address = formatAddress(facts.address);
  const boundAddress = facts.boundAddress && formatAddress(facts.boundAddress);
  return {
    type: facts.type,
    state: facts.state,
    ...present({
      way: facts.way?.by,
      whyConnected: facts.way?.why,
      address,
      boundAddress: boundAddress === address ? undefined : boundAddress,
      inode,
      ...(facts.file && describeFile(facts.file, names)),
      guardedBy: guards?.map(({ path, ...file }) => ({ path: escapedName(path), ...describeFile(file, names) })),
      peerAddress: facts.peerAddress && formatAddress(facts.peerAddress),
      receiverClosed: facts.isReceiverClosed === true ? true : undefined,
      backlog: facts.backlog,
      asks,
    }),
  };
}

const fileNotReached =
  'without /proc the path is looked up twice, so the file that was looked at may not be the one that was connected to';

/** Whose a socket's file is, and who may do what with it. */
export function describeFile(
  file: Pick<SocketFile, 'uid' | 'gid' | 'mode' | 'accessList' | 'bar'>,
  names: Names,
): FileDocument {
  return {
    owner: { id: file.uid, ...present({ name: names.user(file.uid) }) },
    group: { id: file.gid, ...present({ name: names.group(file.gid) }) },
    mode: octalMode(file.mode),
    ...present({ accessList: file.accessList?.map((entry) => describeEntry(entry, names)), bar: file.bar }),
  };
}

function describeEntry({ tag, id, permissions }: AccessEntry, names: Names): AccessEntryDocument {
  const name = id === undefined ? undefined : tag === 'user' ? names.user(id) : names.group(id);
  return { tag, ...present({ id, name }), permissions: permissionText(permissions) };
}
