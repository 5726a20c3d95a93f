import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { interleaved, table } from './measure.js';
import { available, compile, inC, inPython, peerpid, type Program } from './programs.js';
import { outputs, rateOf } from './serving.js';

const run = promisify(execFile);

const bareReceiver = fileURLToPath(new URL('receiving-bare.js', import.meta.url));

/** How many datagrams a second are received with their senders, against C and Python. */
export async function rateMessages(directory: string, rounds: number): Promise<string> {
  const [c, python] = [inC('receiving', directory), inPython('receiving')];
  return `${await rateBare([c, python], rounds)}\n${await rateListening([c, python], directory, rounds)}`;
}

/** What a call through FFI costs: recvmmsg(2), the control messages, and close(2) of the pidfd alone. */
async function rateBare(others: readonly Program[], rounds: number): Promise<string> {
  const programs = available([
    { name: 'MessageReceiver', command: [process.execPath, bareReceiver] },
    ...others.map(({ command, ...program }) => ({ ...program, command: command && ([...command, '--bare'] as const) })),
  ]);
  const byName = new Map(programs.map(({ name, command }) => [name, command]));
  const rates = await interleaved([...byName.keys()], rounds, async (name) => {
    const [program = '', ...args] = byName.get(name) ?? [];
    const { stdout } = await run(program, [...args, '1']);
    return Number(stdout);
  });
  return table(`datagrams received and closed, no more: median of ${rounds}`, rates, perSecond);
}

async function rateListening(others: readonly Program[], directory: string, rounds: number): Promise<string> {
  const senders = compile('senders', directory);
  if (senders === undefined) return 'messages: left out, for want of a C compiler for the senders\n';
  const programs = available([
    {
      name: 'peerpid listen --type dgram',
      command: [process.execPath, peerpid, 'listen', '--type', 'dgram', '--json'],
    },
    ...others,
  ]);
  const byName = new Map(programs.map(({ name, command }) => [name, command]));
  const tables: string[] = [];
  for (const processes of [1, 4]) {
    const rates = await interleaved([...byName.keys()], rounds, (name) =>
      rateOf(outputs[0][1], [...(byName.get(name) ?? []), `${directory}/receive.sock`], senders, processes),
    );
    const title = `datagrams into /dev/null, ${processes} sender${processes === 1 ? '' : 's'}: median of ${rounds}`;
    tables.push(table(title, rates, perSecond));
  }
  return tables.join('\n');
}

function perSecond(rate: number): string {
  return `${Math.round(rate)}/s`;
}
