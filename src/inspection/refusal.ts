import { peerPidfd } from '../../native-probe/peer-credential.js';
import { openSocketPair } from '../../native-probe/unix-socket.js';
import type { Witness } from '../words/evidence.js';

/** Whether the kernel gives a pidfd for a socketpair of our own: then a refusal was about the peer. */
export function pidfdsAreGiven(witness: Witness): boolean {
  const [one, other] = openSocketPair('stream');
  using ours = one;
  using theirs = other;
  const given = witness.ask(
    () => {
      using pidfd = peerPidfd(ours);
      return pidfd.number;
    },
    {
      call: () => `socketpair(${ours.number}, ${theirs.number}), getsockopt(${ours.number}, SOL_SOCKET, SO_PEERPIDFD)`,
      answer: (number) => `${number}`,
      concluded: () =>
        'for our own socket the kernel gives a pidfd, so it refused the other because that peer has ended',
      refused: () => 'not for our own socket either, so the refusal says nothing about the peer',
    },
  );
  return 'value' in given;
}
