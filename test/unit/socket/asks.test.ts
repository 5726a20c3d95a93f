import assert from 'node:assert/strict';

import type { PassOption } from '../../../native-probe/socket-kinds.js';
import { asksText } from '../../../src/socket/asks.js';

const cases: readonly (readonly [readonly PassOption[], string])[] = [
  [['rights'], "Nothing of a message's sender (SO_PASSCRED and SO_PASSPIDFD are off)."],
  [['cred', 'rights'], "Of each message's sender: its credential (SO_PASSCRED)."],
  [['cred', 'pidfd', 'rights'], "Of each message's sender: its credential and its pidfd (SO_PASSCRED, SO_PASSPIDFD)."],
  [
    ['cred', 'pidfd', 'sec', 'rights'],
    "Of each message's sender: its credential, its pidfd and its security label (SO_PASSCRED, SO_PASSPIDFD, SO_PASSSEC).",
  ],
  [['pidfd'], "Of each message's sender: its pidfd (SO_PASSPIDFD). It takes no descriptors (SO_PASSRIGHTS is off)."],
];

describe('asksText', () => {
  for (const [asks, text] of cases) {
    it(asks.join(', '), () => {
      assert.equal(asksText(asks), text);
    });
  }
});
