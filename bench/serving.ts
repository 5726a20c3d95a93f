import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';

/** Where a program's output goes, and the shell's words for it: nowhere, or to a program that reads it from a pipe. */
export const outputs = [
  ['/dev/null', 'exec "$@" >/dev/null'],
  ['a pipe that is read', '"$@" | cat >/dev/null'],
] as const;

/** A server in a process group of its own, since a shell stands before it. */
function serve(
  shell: string,
  command: readonly string[],
): Disposable & { readonly path: string; stop: () => Promise<void> } {
  const path = command.at(-1) ?? '';
  const server = spawn('sh', ['-c', shell, 'sh', ...command], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const ended = once(server, 'close');
  const kill = (): void => {
    if (server.pid !== undefined && server.exitCode === null && server.signalCode === null) {
      process.kill(-server.pid, 'SIGKILL');
    }
    rmSync(path, { force: true });
  };
  return {
    path,
    stop: async () => {
      kill();
      await ended;
    },
    [Symbol.dispose]: kill,
  };
}

const run = promisify(execFile);

/** Milliseconds before counting starts, and while it goes on. */
const warm = 1000;
const counted = 2000;

/**
 * What a server manages in a second.
 *
 * @param others - a program that is given the server's path, how many processes it is to be, and these two times
 */
export async function rateOf(
  shell: string,
  command: readonly string[],
  others: string,
  processes: number,
): Promise<number> {
  const [rate = NaN] = await ratesOf(shell, command, others, processes, 1);
  return rate;
}

/** The same several times, one after the other, while it goes on. @param windows - how many times */
export async function ratesOf(
  shell: string,
  command: readonly string[],
  others: string,
  processes: number,
  windows: number,
): Promise<number[]> {
  using server = serve(shell, command);
  const times = Array.from({ length: windows }, () => [String(warm), String(counted)]).flat();
  const { stdout } = await run(others, [server.path, String(processes), ...times]);
  await server.stop();
  return stdout.trim().split('\n').map(Number);
}

/** When the nth of these times begins and ends: seconds after the clients. */
export function windowOf(n: number): string {
  const start = n * (warm + counted) + warm;
  return `seconds ${start / 1000} to ${(start + counted) / 1000}`;
}
