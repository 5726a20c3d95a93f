import { socketOfInode } from '../../../native-probe/sock-diag.js';
import { socketInode } from '../running/scan.js';
import { waitFor } from '../wait-for.js';
import type { Peer } from './peer.js';

const how = { receive: 0, send: 1, both: 2 } as const;

/** shutdown(2) of a peer's socket, by a program that inherits it: it is the same socket. Takes perl. */
export async function shutDown(peer: Peer, fd: number, direction: keyof typeof how): Promise<void> {
  const inode = socketInode(peer, fd);
  const program = `open my $socket, '+<&=', 3; shutdown $socket, ${how[direction]} or die $!`;
  await peer.do('spawn', ['perl', '-e', program], fd);
  const isClosed = (one: 'receive' | 'send'): boolean => socketOfInode(inode)?.shutdown[one] === true;
  await waitFor(`it is closed to ${direction}`, () =>
    direction === 'both' ? isClosed('receive') && isClosed('send') : isClosed(direction),
  );
}
