/** What kernels answer differently about pidfds, asked of the one that runs. */
import { readdirSync } from 'node:fs';

import { Fd } from '../../../../native-probe/fd.js';
import { askForSenders, MessageReceiver } from '../../../../native-probe/message.js';
import { peerPidfd } from '../../../../native-probe/peer-credential.js';
import { openPidfd, pidfdId, pidfdNamespaces } from '../../../../native-probe/pidfd.js';
import { pidfdNumbers } from '../../../../native-probe/proc/fdinfo.js';
import { errnoName } from '../../../../native-probe/syscall-error.js';
import { uapi } from '../../../../native-probe/uapi.js';
import { freshName } from '../../peers/connected.js';
import { Peer } from '../../peers/peer.js';
import { makeZombie, stoppableParent } from '../../peers/zombie.js';
import { PidNamespace } from '../pid-namespace.js';
import { askInfo } from '../pidfd-info.js';
import { acceptFrom, errnoOr, listenAt } from './asking.js';

export type PeerState = 'alive' | 'a zombie' | 'reaped';

/** <linux/pidfd.h>, 6.16 */
const PIDFD_INFO_COREDUMP = 16;

function kindOf(pidfd: Fd): string {
  return pidfdNumbers(pidfd).pid === -1 ? 'a pidfd of nobody' : 'a pidfd';
}

/** Asks on a connection whose other end is another process, which has sent a message and may have ended then. */
async function ofPeer(state: PeerState, ask: (accepted: Fd) => string): Promise<string> {
  const name = freshName();
  using listener = listenAt(name);
  askForSenders(listener, 'SO_PASSCRED');
  errnoOr(() => {
    askForSenders(listener, 'SO_PASSPIDFD');
    return 'set';
  });
  await using peer = await Peer.start(state === 'a zombie' ? { wrapper: stoppableParent } : {});
  const socket = await peer.number('connect', name);
  using accepted = acceptFrom(listener);
  await peer.do('send', socket, 'x');
  if (state === 'reaped') await peer.exit();
  using _zombie = state === 'a zombie' ? await makeZombie(peer) : undefined;
  return ask(accepted);
}

/** SO_PEERPIDFD. */
export function peerPidfdOf(state: PeerState): Promise<string> {
  return ofPeer(state, (accepted) =>
    errnoOr(() => {
      using pidfd = peerPidfd(accepted);
      return kindOf(pidfd);
    }),
  );
}

/** SCM_PIDFD. What is no descriptor must have been taken for none. */
export function messagePidfdOf(state: PeerState): Promise<string> {
  return ofPeer(state, (accepted) => {
    const before = readdirSync('/proc/self/fd').length;
    const answer = senderPidfd(accepted);
    const more = readdirSync('/proc/self/fd').length - before;
    if (more !== 0) throw new Error(`${more} descriptors more than before`);
    return answer;
  });
}

function senderPidfd(accepted: Fd): string {
  const [message] = new MessageReceiver(1).receive(accepted, false);
  using ancillary = message?.ancillary;
  const pidfd = ancillary?.pidfd;
  if (pidfd === undefined) return 'no such message';
  return pidfd instanceof Fd ? kindOf(pidfd) : `-${errnoName(pidfd)}`;
}

/** PIDFD_GET_INFO of a process that exits with 7, if it is to end. */
export async function infoOf(state: 'alive' | 'ended', mask: number): Promise<string> {
  await using peer = await Peer.start();
  using pidfd = openPidfd(peer.pid);
  if (state === 'ended') await peer.exit(7);
  return askInfo(pidfd, mask);
}

/** What the info of an ended process has of its core dump. */
export async function coredumpInfo(): Promise<string> {
  const answer = await infoOf('ended', uapi.PIDFD_INFO_EXIT | PIDFD_INFO_COREDUMP);
  const [, mask, dump] = /^mask (\w+),.* core (\d+)$/.exec(answer) ?? [];
  if (mask === undefined) return answer;
  return (Number(mask) & PIDFD_INFO_COREDUMP) === 0 ? 'not given' : `given, but ${dump}`;
}

/** PIDFD_GET_INFO in a PID namespace in which the process has no number. */
export async function foreignInfo(mask: number): Promise<string> {
  const name = freshName();
  await using namespace = await PidNamespace.make();
  await using server = await Peer.start({ wrapper: namespace.enter });
  const listener = await server.number('listen', name);
  await using client = await Peer.start();
  await client.do('connect', name);
  return String(await server.do('infoOfPeer', await server.number('accept', listener), mask));
}

/** Whether two processes' pidfds have ids, which must be two. */
export async function pidfdIds(): Promise<string> {
  await using peer = await Peer.start();
  using theirs = openPidfd(peer.pid);
  using ours = openPidfd(process.pid);
  const [one, other] = [pidfdId(theirs), pidfdId(ours)];
  if (one === undefined) return 'none';
  return one === other ? 'the same' : 'unique';
}

/** The namespace ioctls of a pidfd. */
export function namespaceIoctls(): string {
  using ours = openPidfd(process.pid);
  return errnoOr(() => ((pidfdNamespaces(ours).pid ?? 0) > 0 ? 'given' : 'none'));
}
