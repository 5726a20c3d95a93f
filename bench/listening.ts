import { interleaved, table } from './measure.js';
import { available, compile, inC, inPython, peerpid } from './programs.js';
import { outputs, rateOf } from './serving.js';

/** How many connections a second `listen` takes, against C and Python. */
export async function rateListen(directory: string, rounds: number): Promise<string> {
  const clients = compile('clients', directory);
  if (clients === undefined) return 'listen: left out, for want of a C compiler for the clients\n';
  const programs = available([
    { name: 'peerpid listen --json', command: [process.execPath, peerpid, 'listen', '--json'] },
    inC('listening', directory),
    inPython('listening'),
  ]);
  const byName = new Map(programs.map(({ name, command }) => [name, command]));
  const tables: string[] = [];
  for (const [where, shell] of outputs) {
    for (const processes of [1, 4]) {
      const rates = await interleaved([...byName.keys()], rounds, (name) =>
        rateOf(shell, [...(byName.get(name) ?? []), `${directory}/listen.sock`], clients, processes),
      );
      const title = `listen into ${where}, ${processes} client${processes === 1 ? '' : 's'}: median of ${rounds}`;
      tables.push(table(title, rates, (rate) => `${Math.round(rate)}/s`));
    }
  }
  return tables.join('\n');
}
