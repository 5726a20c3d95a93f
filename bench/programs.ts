import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A program to be timed; or why it cannot be here. */
export interface Program {
  readonly name: string;
  readonly command: readonly [string, ...string[]] | undefined;
  readonly missing?: string;
}

/** Where the sources are, seen from build/bench. */
const sources = fileURLToPath(new URL('../../bench/', import.meta.url));

export const peerpid = fileURLToPath(new URL('../../bin/run.cjs', import.meta.url));

/** peerpid as `npm run package:standalone` made it, which may be of other sources than these. */
export function standalone(): Program {
  const name = 'the single executable';
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
  const program = `${root}release/peerpid-${version}-linux-${process.arch}`;
  if (existsSync(program)) return { name, command: [program] };
  return { name, command: undefined, missing: 'npm run package:standalone has not made it' };
}

/** Compiles one of the C programs into a directory; undefined where there is no C compiler. */
export function compile(name: string, directory: string): string | undefined {
  if (spawnSync('cc', ['--version']).error !== undefined) return undefined;
  const program = `${directory}/${name}`;
  execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-o', program, `${sources}${name}.c`], { stdio: 'inherit' });
  return program;
}

/** A program of the system's, if it is there. */
export function installed(command: string, ...args: readonly string[]): Program {
  const name = [command, ...args].join(' ');
  if (spawnSync(command, ['--version']).error === undefined) return { name, command: [command, ...args] };
  return { name, command: undefined, missing: `no ${command}` };
}

export function inC(name: string, directory: string): Program {
  const program = compile(name, directory);
  if (program === undefined) return { name: 'C', command: undefined, missing: 'no C compiler (cc)' };
  return { name: 'C', command: [program] };
}

export function inPython(name: string): Program {
  // The interpreter itself: what is called python3 may be a shell script that looks for it
  const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  if (python.status !== 0) return { name: 'Python', command: undefined, missing: 'no python3' };
  return { name: 'Python', command: [python.stdout.trim(), `${sources}${name}.py`] };
}

/** Those that can be timed; the others are named with the reason. */
export function available(programs: readonly Program[]): (Program & { command: readonly [string, ...string[]] })[] {
  return programs.flatMap((program) => {
    const { name, command, missing } = program;
    if (command !== undefined) return { ...program, command };
    process.stdout.write(`  ${name} is left out: ${missing ?? ''}\n`);
    return [];
  });
}
