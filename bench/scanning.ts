import { spawnSync } from 'node:child_process';

import { holdSockets } from './holding.js';
import { median, sideBySide } from './measure.js';
import { available, compile, installed, peerpid, type Program } from './programs.js';
import { outputs } from './serving.js';

/** Processes, and how many sockets each has. The first is the one to be judged by. */
const sizes = [
  [100, 200],
  [10, 100],
  [500, 200],
] as const;

/** What one run took: seconds, and KiB. */
interface Taken {
  readonly wall: number;
  readonly user: number;
  readonly system: number;
  readonly peak: number;
}

/**
 * How long `scan` takes, against the programs that list sockets with their holders, a table at a time.
 *
 * @param only - the commands to be run, as `ss` or `peerpid`; all if there are none
 */
export async function* timeScan(directory: string, rounds: number, only: readonly string[]): AsyncGenerator<string> {
  const [sockets, measured] = [compile('sockets', directory), compile('measured', directory)];
  if (sockets === undefined || measured === undefined) {
    yield 'scan: left out, for want of a C compiler for the sockets\n';
    return;
  }
  const programs = available(
    [installed('ss', '-xp'), installed('lsof', '-U', '+E'), lsfd(), ...scans(), nodeAlone].filter(
      ({ name }) => only.length === 0 || only.includes(name.split(' ')[0] ?? ''),
    ),
  );
  const byName = new Map(programs.map(({ name, command }) => [name, command]));
  for (const [processes, each] of sizes) {
    await using held = await holdSockets(sockets, processes, each, `${directory}/${processes}.sock`);
    // What a pipe costs is the same at each size
    for (const [where, shell] of processes === sizes[0][0] ? outputs : outputs.slice(0, 1)) {
      const taken = await sideBySide([...byName.keys()], rounds, (name) =>
        take(measured, shell, byName.get(name) ?? []),
      );
      const beside = held.others === 0 ? '' : ` (and ${held.others} others)`;
      const count = (processes * each).toLocaleString('en');
      yield scanTable(`scan of ${count} sockets${beside} in ${processes} processes into ${where}`, rounds, taken);
    }
  }
}

function scans(): Program[] {
  return [['--no-audit'], [], ['--json']].map((flags) => ({
    name: ['peerpid scan', ...flags].join(' '),
    command: [process.execPath, peerpid, 'scan', ...flags],
  }));
}

const nodeAlone: Program = { name: 'node -e 0', command: [process.execPath, '-e', '0'] };

/** Which column has a socket's type depends on the version: the one by which lsfd finds its own standard output. */
function lsfd(): Program {
  const program = installed('lsfd');
  if (program.command === undefined) return program;
  const filters = ['TYPE', 'SOCK.PROTONAME', 'PROTONAME'].map((column) => `${column} =~ "UNIX.*"`);
  const filter = filters.find((tried) => {
    // Node's pipes are UNIX sockets
    const { stdout, status } = spawnSync('lsfd', ['--noheadings', '--filter', tried], { maxBuffer: Infinity });
    return status === 0 && stdout.length > 0;
  });
  if (filter === undefined) return { ...program, command: undefined, missing: 'it lists no UNIX sockets' };
  return { name: 'lsfd (UNIX only)', command: ['lsfd', '--filter', filter] };
}

function take(measured: string, shell: string, command: readonly string[]): Taken {
  // The shell stands before the program, not in the measurement
  const { output, error } = spawnSync('sh', ['-c', shell, 'sh', measured, ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  const [status, wall = NaN, user = NaN, system = NaN, peak = NaN] = (output[3] ?? '').split(' ').map(Number);
  // 3: something was found that may not be believed
  if (status !== 0 && status !== 3) {
    throw new Error(`${command.join(' ')} ended with ${status ?? 'nothing'}: ${output[2] ?? ''}`);
  }
  return { wall, user, system, peak };
}

/** Medians; and how many times the first one's time each took. */
function scanTable(title: string, rounds: number, taken: ReadonlyMap<string, readonly Taken[]>): string {
  const rows = [...taken].map(([name, runs]) => {
    const of = (value: (run: Taken) => number): number => median(runs.map(value));
    return {
      name,
      wall: of(({ wall }) => wall),
      user: of(({ user }) => user),
      system: of(({ system }) => system),
      peak: of(({ peak }) => peak),
    };
  });
  const first = rows[0]?.wall ?? NaN;
  const ms = (seconds: number): string => `${(seconds * 1000).toFixed(0)} ms`;
  const cells = [
    ['', 'time', 'ratio', 'CPU', 'user', 'system', 'peak'],
    ...rows.map(({ name, wall, user, system, peak }) => [
      name,
      ms(wall),
      (wall / first).toFixed(2),
      ms(user + system),
      ms(user),
      ms(system),
      `${(peak / 1024).toFixed(1)} MiB`,
    ]),
  ];
  const lines = cells.map(([name = '', ...values]) =>
    [`  ${name.padEnd(22)}`, ...values.map((value) => value.padStart(11))].join(''),
  );
  return `${title}: median of ${rounds}\n${lines.join('\n')}\n`;
}
