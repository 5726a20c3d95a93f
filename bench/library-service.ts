/** library-service WAY PATH: a `net` server that does with each client what WAY says, and lets it go. */
import { createServer, type Socket } from 'node:net';

import { peerOf } from '../src/index.js';

const ways: Readonly<Record<string, (socket: Socket) => void | Promise<void>>> = {
  bare: () => undefined,
  peerOf: (socket) => {
    peerOf(socket)[Symbol.dispose]();
  },
  describe: async (socket) => {
    using peer = peerOf(socket);
    await peer.describe();
  },
};

const [way = '', path] = process.argv.slice(2);
const meet = ways[way];
if (meet === undefined) throw new Error(`no way ${way}`);

async function serve(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  await meet?.(socket);
  socket.destroy();
}

createServer((socket) => void serve(socket)).listen(path);
