import { median, sideBySide, table } from './measure.js';
import { available, compile, inC, inPython, peerpid } from './programs.js';
import { outputs, ratesOf, windowOf } from './serving.js';

/** Processes that connect. With as many as are accepted together most of those are of different processes. */
const processesOf = [1, 4, 64] as const;

/** Twice in one run: the first is not long after the start, when Node has yet to compile what runs often. */
const windows = 2;

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
    for (const processes of processesOf) {
      const measured = await sideBySide([...byName.keys()], rounds, (name) =>
        ratesOf(shell, [...(byName.get(name) ?? []), `${directory}/listen.sock`], clients, processes, windows),
      );
      for (let window = 0; window < windows; window++) {
        const rates = [...measured].map(([name, all]) => [name, median(all.map((one) => one[window] ?? NaN))] as const);
        const who = `${processes} client${processes === 1 ? '' : 's'}`;
        const title = `listen into ${where}, ${who}, ${windowOf(window)}: median of ${rounds}`;
        tables.push(table(title, new Map(rates), (rate) => `${Math.round(rate)}/s`));
      }
    }
  }
  return tables.join('\n');
}
