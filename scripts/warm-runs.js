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

/** What is typed that each bundle of scripts/bundles.js has the code for. */
const typed = {
  'help.cjs': () => [['--help'], ['inspect', '--help']],
  'inspect.cjs': (address) => [
    ['inspect', address, '--json'],
    ['inspect', address],
  ],
  'command-line.cjs': (address) => [
    ['send', address, 'text'],
    ['listen', '--timeout', '0.1'],
    ['scan', '--json'],
    ['scan'],
    ['scan', '--long'],
    ['doctor'],
  ],
};

/**
 * Runs the commands of a bundle, so that what they use has been compiled.
 *
 * @param bundle - its name
 * @param address - of a socket of this program
 */
export async function warmRuns(bundle, commandLine, root, address) {
  for (const args of typed[bundle](address)) {
    process.argv.splice(2, Infinity, ...args);
    await commandLine(root, [], undefined);
  }
  // Of the last command
  process.exitCode = 0;
}
