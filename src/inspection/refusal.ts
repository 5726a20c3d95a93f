import { constants } from 'node:os';

import { peerPidfd } from '../../native-probe/peer-credential.js';
import { openSocketPair } from '../../native-probe/unix-socket.js';
import type { Witness } from '../words/evidence.js';
import { errorCodeOf, type Reading } from '../words/reading.js';

/**
 * Whether SO_PEERPIDFD was refused because the peer is reaped, as Linux 6.5 to
 * 6.15 do with EINVAL. EINVAL may also mean that the kernel has no
 * SO_PEERPIDFD, so a socketpair of our own, whose peer is alive, is asked too.
 */
export function isRefusedAsEnded(pidfd: Reading<unknown>, witness: Witness): boolean {
  return errorCodeOf(pidfd) === 'EINVAL' && pidfdsAreGiven(witness);
}

/**
 * Whether the errno that came in place of SCM_PIDFD's descriptor means that the
 * sender is reaped: EINVAL from Linux 6.5 on, ESRCH in 6.16. Other errnos, such
 * as EMFILE, are about the receiver.
 */
export function meansSenderEnded(errno: number): boolean {
  return errno === constants.errno.EINVAL || errno === constants.errno.ESRCH;
}

/** Whether the kernel gives a pidfd for a socketpair of our own: if so, an EINVAL before was about that peer. */
function pidfdsAreGiven(witness: Witness): boolean {
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
