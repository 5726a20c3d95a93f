import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

import { built } from '../../helpers/running/program-root.js';

/** The URL of a built module, as the source of an import. */
const url = (module: string): string => JSON.stringify(pathToFileURL(built(module)).href);

// Whoever is asked for the length collects the garbage: in the midst of send(), when the addresses are taken
const program = `
import { encodeDescriptors } from ${url('native-probe/ancillary.js')};
import { MessageReceiver, send } from ${url('native-probe/message.js')};
import { openSocketPair } from ${url('native-probe/unix-socket.js')};
const [near, far] = openSocketPair('dgram');
const receiver = new MessageReceiver(1);
const control = encodeDescriptors([0]);
const size = control.length;
Object.defineProperty(control, 'length', { get: () => (gc(), size) });
for (let time = 0; time < 50; time++) {
  send(near, { data: Buffer.from('abc'), control });
  const [message] = receiver.receive(far, true);
  if (message.data.toString() !== 'abc' || message.ancillary.passed.length !== 1) throw new Error('another message');
  message.ancillary[Symbol.dispose]();
}
`;

describe('sendmsg(2)', () => {
  it('is given memory that no garbage collection frees before', function () {
    this.timeout(60_000);
    // Only optimised code lets go of what it does not use any more
    const flags = ['--expose-gc', '--always-turbofan', '--input-type=module', '--eval', program];
    assert.equal(execFileSync(process.execPath, flags, { encoding: 'utf8' }), '');
  });
});
