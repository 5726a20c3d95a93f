import type { ListenEvent } from '../../../src/document/listen-event.js';
import { listenText } from '../../../src/output/listen/listen-text.js';
import { names, plain } from '../../helpers/document.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { Listening } from '../../helpers/running/listening.js';
import { assertShape } from '../../helpers/stored.js';
import { steady } from '../../helpers/steady.js';

it('the shape of what listen prints: each client with both columns, and an event a line', async () => {
  const name = freshName();
  await using listening = await Listening.start([name]);
  await using client = await Peer.start();
  const events: ListenEvent[] = [];
  const socket = await client.number('connect', name);
  events.push(await listening.next('connection'));
  await client.do('send', socket, 'hello');
  events.push(await listening.next('message'));
  await client.do('close', socket);
  events.push(await listening.next('disconnect'));
  await client.exit(7);
  const exit = await listening.next('exit');
  // Until Node waits for the client, which is at its own time
  events.push({ ...exit, byPidfd: { ...exit.byPidfd, state: 'exited' } });
  process.kill(listening.child.pid ?? 0, 'SIGTERM');
  events.push(await listening.next('summary'));
  const all = steady(events, name);
  const [first] = all;
  const ourNamespaces = first?.event === 'connection' ? first.byPid?.namespaces : undefined;
  for (const compact of [false, true]) {
    const context = { names, ourNamespaces, compact };
    assertShape(`listen/${compact ? 'lines' : 'tables'}`, (width) =>
      all.map((event) => listenText(event, context, plain(width))).join(''),
    );
  }
});
