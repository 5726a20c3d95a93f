import type { Asked } from '../document/inspect-document.js';
import { type Finding, finding } from '../verdict/finding.js';

const things = {
  cred: ['its credential', 'SO_PASSCRED'],
  pidfd: ['its pidfd', 'SO_PASSPIDFD'],
  sec: ['its security label', 'SO_PASSSEC'],
} as const satisfies Partial<Record<Asked, readonly [string, string]>>;

/** What a socket asks for, in a sentence. Descriptors are taken unless it says otherwise, so only that is told. */
export function asksText(asks: readonly Asked[]): string {
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

/** Of a socket whose holders are told each sender's number, and get no pidfd of it. */
export function judgesByNumber(asks: readonly Asked[]): Finding[] {
  if (!asks.includes('cred') || asks.includes('pidfd')) return [];
  const text =
    "Whoever receives here is told the number of each message's sender (SO_PASSCRED) and gets no pidfd of it (SO_PASSPIDFD is off): by the time that the number is looked up, it may be another process's.";
  return [finding('judges-by-number', 'info', text)];
}
