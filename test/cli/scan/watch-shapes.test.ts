import assert from 'node:assert/strict';

import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Room } from '../../helpers/machine/room.js';
import { Peer } from '../../helpers/peers/peer.js';
import { LiveTerminal } from '../../helpers/running/live-terminal.js';

const shapes: Readonly<Record<number, string>> = {
  60: `
peerpid scan  00:00:00, every 600 s  +0 -0 ~0     by ADDRESS
15 sockets: 2 connections, 11 listeners, 0 datagram receive…
credentials: pinned 15
not seen: what comes and goes between two looks, one every …

  VERDICT  ADDRESS↑        USER  SERVICE  CLIENT     REMARKS
  pinned   …f-a-socket-11  root  node 00  (listens)  -
  pinned   …f-a-socket-12  root  node 00  (listens)  -
  pinned   …f-a-socket-13  root  node 00  (listens)  -
  pinned   …f-a-socket-14  root  node 00  (listens)  -
  pinned   …f-a-socket-15  root  node 00  (listens)  -
  pinned   …f-a-socket-16  root  node 00  (listens)  -
  pinned   …f-a-socket-17  root  node 00  (listens)  -
  lines 2 to 8 of 13
/node  13 of 13  Esc clear  q quit  ? help  / change  s sort`,
  80: `
peerpid scan  00:00:00, every 600 s  +0 -0 ~0                         by ADDRESS
15 sockets: 2 connections, 11 listeners, 0 datagram receivers
credentials: pinned 15
not seen: what comes and goes between two looks, one every 600 s

  VERDICT  ADDRESS↑                            USER  SERVICE  CLIENT     REMARKS
  pinned   @a-rather-long-name-of-a-socket-11  root  node 00  (listens)  -
  pinned   @a-rather-long-name-of-a-socket-12  root  node 00  (listens)  -
  pinned   @a-rather-long-name-of-a-socket-13  root  node 00  (listens)  -
  pinned   @a-rather-long-name-of-a-socket-14  root  node 00  (listens)  -
  pinned   @a-rather-long-name-of-a-socket-15  root  node 00  (listens)  -
  pinned   @a-rather-long-name-of-a-socket-16  root  node 00  (listens)  -
  pinned   @a-rather-long-name-of-a-socket-17  root  node 00  (listens)  -
  lines 2 to 8 of 13
/node  13 of 13  Esc clear  q quit  ? help  / change  s sort  Space pause`,
  120: `
peerpid scan  00:00:00, every 600 s  +0 -0 ~0                                                                 by ADDRESS
15 sockets: 2 connections, 11 listeners, 0 datagram receivers
credentials: pinned 15
not seen: what comes and goes between two looks, one every 600 s

  VERDICT  TYPE    ADDRESS↑                            USER  SERVICE  CLIENT     ASKS  REMARKS
  pinned   stream  @a-rather-long-name-of-a-socket-11  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-12  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-13  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-14  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-15  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-16  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-17  root  node 00  (listens)  -     -
  lines 2 to 8 of 13
/node  13 of 13  Esc clear  q quit  ? help  / change  s sort  Space pause`,
  200: `
peerpid scan  00:00:00, every 600 s  +0 -0 ~0                                                                                                                                                 by ADDRESS
15 sockets: 2 connections, 11 listeners, 0 datagram receivers
credentials: pinned 15
not seen: what comes and goes between two looks, one every 600 s

  VERDICT  TYPE    ADDRESS↑                            USER  SERVICE  CLIENT     ASKS  REMARKS
  pinned   stream  @a-rather-long-name-of-a-socket-11  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-12  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-13  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-14  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-15  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-16  root  node 00  (listens)  -     -
  pinned   stream  @a-rather-long-name-of-a-socket-17  root  node 00  (listens)  -     -
  lines 2 to 8 of 13
/node  13 of 13  Esc clear  q quit  ? help  / change  s sort  Space pause`,
};

/** The shape does not depend on the time of the day nor on PIDs, which have two digits in a room of their own. */
function withoutNumbers(text: string): string {
  return text.replace(/\d\d:\d\d:\d\d/g, '00:00:00').replace(/node \d\d/g, 'node 00');
}

describe('the screen of peerpid scan --watch', () => {
  let room: Room;
  let server: Peer;
  let client: Peer;

  before(async function () {
    requirePrograms(this, 'tmux');
    requireNetworkNamespaces(this);
    room = await Room.make();
    server = await Peer.start({ wrapper: room.enter });
    client = await Peer.start({ wrapper: room.enter });
    const app = await server.number('listen', '@app');
    await client.do('connect', '@app');
    await server.do('accept', app);
    await client.do('socketpair');
    for (let number = 10; number < 20; number++) await server.do('listen', `@a-rather-long-name-of-a-socket-${number}`);
  });

  after(async () => {
    await (client as Peer | undefined)?.[Symbol.asyncDispose]();
    await (server as Peer | undefined)?.[Symbol.asyncDispose]();
    await (room as Room | undefined)?.[Symbol.asyncDispose]();
  });

  for (const [columns, shape] of Object.entries(shapes)) {
    it(`has room for what matters in ${columns} columns`, async () => {
      using terminal = new LiveTerminal(Number(columns), 15, ['scan', '--watch', '600'], room.enter);
      await terminal.shows(/\nq quit/);
      terminal.press('Down', 's', 's', 's', '/', 'n', 'o', 'd', 'e', 'Enter', 'j');
      await terminal.shows(/^ +lines 2 to [^]*\n\/node /m);
      assert.equal(withoutNumbers(terminal.text).trim(), shape.trim());
    });
  }
});
