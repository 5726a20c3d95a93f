/** What kernels answer differently about the options of sockets, asked of the one that runs. */
import { readFileSync } from 'node:fs';

import { encodeDescriptors } from '../../../../native-probe/ancillary.js';
import { setsockopt } from '../../../../native-probe/libc.js';
import { askForSenders, send } from '../../../../native-probe/message.js';
import { peerSecurityLabel } from '../../../../native-probe/peer-credential.js';
import type { SenderOption } from '../../../../native-probe/socket-kinds.js';
import { errnoName, failedWith, Refused } from '../../../../native-probe/syscall-error.js';
import { uapi } from '../../../../native-probe/uapi.js';
import * as unix from '../../../../native-probe/unix-socket.js';
import { freshName } from '../../peers/connected.js';
import { acceptFrom, addressOf, errnoOr, listenAt } from './asking.js';

/** <asm-generic/socket.h>, 7.3 */
const SO_RIGHTS_NOTRUNC = 85;

/** Whether an option of the listener's is the accepted socket's too, when it was set in between. */
export function inherited(option: SenderOption, setBefore: 'connect' | 'accept'): string {
  return errnoOr(() => {
    const name = freshName();
    using listener = listenAt(name);
    if (setBefore === 'connect') askForSenders(listener, option);
    using client = unix.openSocket('stream');
    unix.connect(client, addressOf(name));
    if (setBefore === 'accept') askForSenders(listener, option);
    using accepted = acceptFrom(listener);
    const asks = unix.passOptionsOf(accepted);
    return asks.includes(option === 'SO_PASSCRED' ? 'cred' : 'pidfd') ? 'inherited' : 'not inherited';
  });
}

/** What connect(2) makes of the name of a client that has none, and asks for pidfds. */
export function nameAfterConnect(listening: boolean): string {
  return errnoOr(() => {
    const name = freshName();
    using listener = listening ? listenAt(name) : unix.openSocket('stream');
    if (!listening) unix.bind(listener, addressOf(name));
    using client = unix.openSocket('stream');
    askForSenders(client, 'SO_PASSPIDFD');
    try {
      unix.connect(client, addressOf(name));
    } catch (error) {
      if (listening || !failedWith(error, 'ECONNREFUSED')) throw error;
    }
    return unix.addressOf(client).kind === 'unnamed' ? 'no name' : 'a name';
  });
}

/** What becomes of a descriptor that is sent to a socket which takes none. */
export function refusedRights(): string {
  return errnoOr(() => {
    const [one, other] = unix.openSocketPair('stream');
    using ours = one;
    using theirs = other;
    const off = Buffer.alloc(4);
    const result = setsockopt(theirs.number, uapi.SOL_SOCKET, uapi.SO_PASSRIGHTS, off, off.length);
    if (result < 0) return `no option: ${errnoName(-result)}`;
    send(ours, { data: Buffer.from('x'), control: encodeDescriptors([ours.number]) });
    return 'sent';
  });
}

/** SO_RIGHTS_NOTRUNC. */
export function noTruncation(): string {
  using socket = unix.openSocket('stream');
  const on = Buffer.alloc(4);
  on.writeInt32LE(1);
  const result = setsockopt(socket.number, uapi.SOL_SOCKET, SO_RIGHTS_NOTRUNC, on, on.length);
  return result < 0 ? errnoName(-result) : 'set';
}

/** SO_PEERSEC of our own other end. */
export function securityLabel(): string {
  const [one, other] = unix.openSocketPair('stream');
  using ours = one;
  using _theirs = other;
  const label = peerSecurityLabel(ours);
  return label instanceof Refused ? errnoName(label.errno) : label.toString();
}

/** The security modules that the kernel has started; undefined where securityfs(7) does not tell. */
export function securityModules(): string[] | undefined {
  try {
    return readFileSync('/sys/kernel/security/lsm', 'utf8').trim().split(',');
  } catch {
    return undefined;
  }
}
