import type { PidNamespace } from '../machine/pid-namespace.js';
import { Connected } from './connected.js';

/** Connects a client in a PID namespace, has it exit with 7, and returns what is left of it. */
export async function endedClient(namespace: PidNamespace): Promise<Connected> {
  const inside = { wrapper: namespace.enter };
  const both = await Connected.start({ server: inside, client: inside });
  await both.client.exit(7);
  return both;
}

/** The same, and gives the client's number to another program, whose number it is then. */
export async function recycledClient(namespace: PidNamespace): Promise<Connected> {
  const both = await endedClient(namespace);
  await namespace.init.do('spawnAs', both.client.ownPid, ['sleep', '60']);
  return both;
}
