import { spawnSync } from 'node:child_process';

/** Runs a program, and gives what it printed. @throws Error with what it said, where it failed */
export function run(program, args, options = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (status === 0) return stdout;
  throw error ?? new Error(`${program} ${args.join(' ')} ended with ${status ?? signal}\n${stdout}${stderr}`);
}

/** Of the last commit. @param format - as git-log(1) has it */
export function lastChange(format) {
  return run('git', ['log', '-1', `--format=${format}`]).trim();
}
