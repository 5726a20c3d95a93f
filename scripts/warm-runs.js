import { once } from 'node:events';
import { createServer } from 'node:net';

/** A socket for them, while somebody looks: it accepts, and ends each connection. */
export async function withSocket(path, look) {
  const server = createServer((socket) => socket.on('error', () => undefined).end()).listen(path);
  try {
    await once(server, 'listening');
    return await look(path);
  } finally {
    server.close();
  }
}

/** Runs the commands, so that what they use has been compiled. @param address - of a socket of this program */
export async function warmRuns(commandLine, root, address) {
  for (const args of [
    ['--help'],
    ['inspect', '--help'],
    ['inspect', address, '--json'],
    ['inspect', address],
    ['inspect', '--no-connect', '--connections', address],
    ['inspect', `${address}-missing`],
    ['send', address, 'text'],
    ['listen', '--timeout', '0.1'],
    ['scan', '--json'],
    ['scan'],
    ['scan', '--long'],
    ['doctor'],
  ]) {
    process.argv.splice(2, Infinity, ...args);
    await commandLine(root, [], undefined);
  }
  // Of the last command
  process.exitCode = 0;
}
