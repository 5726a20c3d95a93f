import type { Fd } from '../../native-probe/fd.js';
import { type PassOption, passOptionNames, type SenderMark } from '../../native-probe/socket-kinds.js';
import { passOptionsOf } from '../../native-probe/unix-socket.js';
import type { Witness } from '../words/evidence.js';
import { allOf } from '../words/listed.js';
import type { Reading } from '../words/reading.js';

const markWords: Readonly<Record<SenderMark, string>> = {
  cred: 'its credential',
  pidfd: 'its pidfd',
  sec: 'its security label',
};

/** What a socket asks to be told, in a sentence. It takes descriptors by default, so only a refusal is told. */
export function asksText(asks: readonly PassOption[]): string {
  const marks = asks.filter((option) => option !== 'rights');
  const who =
    marks.length === 0
      ? "Nothing of a message's sender (SO_PASSCRED and SO_PASSPIDFD are off)."
      : `Of each message's sender: ${allOf(marks.map((mark) => markWords[mark]))} (${marks.map((mark) => passOptionNames[mark]).join(', ')}).`;
  return asks.includes('rights') ? who : `${who} It takes no descriptors (SO_PASSRIGHTS is off).`;
}

const [firstOption = '', ...otherOptions] = Object.values(passOptionNames);

/**
 * Reads which SO_PASS* options are on.
 *
 * @param socket - a duplicate of the service's socket: a connection to it would be a socket of our own
 */
export function askPassOptions(socket: Fd, witness: Witness): Reading<readonly PassOption[]> {
  return witness.ask(() => passOptionsOf(socket), {
    call: () => `getsockopt(${socket.number}, SOL_SOCKET, ${firstOption}), then ${otherOptions.join(', ')}`,
    answer: (asks) => (asks.length === 0 ? 'all off' : `on: ${asks.join(', ')}`),
    concluded: asksText,
  });
}
