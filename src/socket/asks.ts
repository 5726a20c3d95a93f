import type { Fd } from '../../native-probe/fd.js';
import type { PassOption } from '../../native-probe/socket-kinds.js';
import { passOptionsOf } from '../../native-probe/unix-socket.js';
import type { Witness } from '../words/evidence.js';
import type { Reading } from '../words/reading.js';

const things = {
  cred: ['its credential', 'SO_PASSCRED'],
  pidfd: ['its pidfd', 'SO_PASSPIDFD'],
  sec: ['its security label', 'SO_PASSSEC'],
} as const satisfies Partial<Record<PassOption, readonly [string, string]>>;

/** What a socket asks for, in a sentence. Descriptors are taken unless it says otherwise, so only that is told. */
export function asksText(asks: readonly PassOption[]): string {
  const asked = asks.flatMap((one) => (one === 'rights' ? [] : [things[one]]));
  const who =
    asked.length === 0
      ? "Nothing of a message's sender (SO_PASSCRED and SO_PASSPIDFD are off)."
      : `Of each message's sender: ${listed(asked.map(([thing]) => thing))} (${asked.map(([, option]) => option).join(', ')}).`;
  return asks.includes('rights') ? who : `${who} It takes no descriptors (SO_PASSRIGHTS is off).`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** What the socket itself asks for: to be asked of a duplicate, since a connection is a socket of our own. */
export function askPassOptions(socket: Fd, witness: Witness): Reading<readonly PassOption[]> {
  return witness.ask(() => passOptionsOf(socket), {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, SO_PASSCRED), then SO_PASSPIDFD, SO_PASSSEC, SO_PASSRIGHTS`,
    answer: (asks) => (asks.length === 0 ? 'all off' : `on: ${asks.join(', ')}`),
    concluded: asksText,
  });
}
