import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

import { interleaved, table } from './measure.js';
import { available, inC, inPython, peerpid, type Program, standalone } from './programs.js';

const acceptor = `require('node:net').createServer((client) => client.destroy()).listen(process.argv[1], () => console.log())`;

/** How long `inspect` takes, from start to end, against Node alone and against C and Python. */
export async function timeInspect(directory: string, rounds: number): Promise<string> {
  const path = `${directory}/inspect.sock`;
  const server = await startAcceptor(path);
  try {
    const programs = available([
      { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
      withArguments(ours('peerpid inspect --json'), 'inspect', '--json', path),
      withArguments(ours('peerpid inspect'), 'inspect', path),
      withArguments(ours('peerpid --help'), '--help'),
      withArguments(standalone(), 'inspect', '--json', path),
      withArguments(inC('inspecting', directory), path),
      withArguments(inPython('inspecting'), path),
    ]);
    const byName = new Map(programs.map(({ name, command }) => [name, command]));
    const times = await interleaved([...byName.keys()], rounds, (name) => timeOf(byName.get(name) ?? ['']));
    return table(`inspect: median of ${rounds}, and ratio to \`node -e 0\``, times, (ms) => `${ms.toFixed(1)} ms`);
  } finally {
    server.kill('SIGKILL');
  }
}

function ours(name: string): Program {
  return { name, command: [process.execPath, peerpid] };
}

function withArguments(program: Program, ...args: readonly string[]): Program {
  return { ...program, command: program.command && [...program.command, ...args] };
}

async function startAcceptor(path: string): Promise<ChildProcess> {
  const server = spawn(process.execPath, ['-e', acceptor, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  return server;
}

/** Milliseconds. */
function timeOf([command, ...args]: readonly [string, ...string[]]): number {
  const start = process.hrtime.bigint();
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const time = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')} ended with ${status ?? 'a signal'}`);
  return time;
}
