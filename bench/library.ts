import { fileURLToPath } from 'node:url';

import { interleaved, table } from './measure.js';
import { compile } from './programs.js';
import { outputs, rateOf } from './serving.js';

/** The ways of library-service.ts, and what they are called. */
const ways = new Map([
  ['bare net server', 'bare'],
  ['with peerOf()', 'peerOf'],
  ['with describe()', 'describe'],
]);

/** How many connections a second a Node service takes: as it is, and with the library. */
export async function rateLibrary(directory: string, rounds: number): Promise<string> {
  const clients = compile('clients', directory);
  if (clients === undefined) return 'library: left out, for want of a C compiler for the clients\n';
  const service = fileURLToPath(new URL('library-service.js', import.meta.url));
  const rates = await interleaved([...ways.keys()], rounds, async (name) => {
    const command = [process.execPath, service, ways.get(name) ?? '', `${directory}/library.sock`];
    return rateOf(outputs[0][1], command, clients, 1);
  });
  const title = `a service that uses the library: median of ${rounds}`;
  const bare = 1 / (rates.get('bare net server') ?? NaN);
  const cost = [...rates].map(([name, rate]) => `  ${name}: ${(1000 * (1 / rate - bare)).toFixed(3)} ms a call\n`);
  return `${table(title, rates, (rate) => `${Math.round(rate)}/s`)}${cost.slice(1).join('')}`;
}
