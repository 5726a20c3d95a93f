/** receiving-bare SECONDS: receives from itself through MessageReceiver, and prints how many datagrams a second it could take. */
import { send } from '../native-probe/libc.js';
import { askForSenders, dealWith, MessageReceiver } from '../native-probe/message.js';
import { uapi } from '../native-probe/uapi.js';
import { openSocketPair } from '../native-probe/unix-socket.js';

const [ours, theirs] = openSocketPair('dgram');
using to = ours;
using from = theirs;
askForSenders(to, 'SO_PASSCRED');
askForSenders(to, 'SO_PASSPIDFD');

const receiver = new MessageReceiver(64);
const data = Buffer.from('a small datagram');
const end = performance.now() + 1000 * Number(process.argv[2]);
let received = 0;
let spent = 0;
while (performance.now() < end) {
  while (send(from.number, data, data.length, uapi.MSG_DONTWAIT) === data.length);
  // Only receiving is timed, not the sending before it
  const start = performance.now();
  for (;;) {
    const messages = receiver.receive(to, true);
    if (messages.length === 0) break;
    dealWith(messages, () => received++);
  }
  spent += performance.now() - start;
}
process.stdout.write(`${Math.round((1000 * received) / spent)}\n`);
