/**
 * A service that describes its peers at once, while a name service does not answer. Usage: SOCKET COUNT. It prints how
 * often the event loop turned meanwhile, and the last description, as JSON.
 */
import { createServer, type Socket } from 'node:net';

import { type InspectDocument, peerOf } from '../../../src/index.js';

const [path = '', count = ''] = process.argv.slice(2);
const clients: Socket[] = [];

async function describeAll(): Promise<void> {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const documents: InspectDocument[] = await Promise.all(
    clients.map(async (client) => {
      using peer = peerOf(client);
      return await peer.describe({ timeout: 300 });
    }),
  );
  clearInterval(timer);
  process.stdout.write(JSON.stringify({ turns, documents }));
  for (const client of clients) client.destroy();
  server.close();
}

const server = createServer((client) => {
  clients.push(client);
  if (clients.length === Number(count)) void describeAll();
}).listen(path, () => {
  process.stdout.write('\n');
});
