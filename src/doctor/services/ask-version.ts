import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { errnoText } from '../../words/errno-text.js';
import { reading } from '../../words/reading.js';
import { type Version, versionIn } from '../version.js';
import { writableByOthers } from './root-only.js';

/** What a program said when it was asked, or why nobody knows. */
export type Told = { readonly version: Version } | { readonly reason: string };

/** Bytes: more than any known program prints. */
const mostOutput = 16 * 1024;

const run = promisify(execFile);

/**
 * Runs `PROGRAM --version`, if nobody but root decides what is run: doctor itself may be run by root. The program is
 * not told our environment, and is killed when it prints too much or takes too long.
 *
 * @param program - absolute
 * @param says - what it prints before the version
 * @param milliseconds - how long it may take
 */
export async function askVersion(program: string, says: string, milliseconds: number): Promise<Told> {
  const others = reading(() => writableByOthers(program));
  if ('error' in others)
    return { reason: `${program} was not run: ${others.error.syscall}: ${errnoText(others.error.code)}` };
  if (others.value !== undefined) {
    return { reason: `${program} was not run, because ${others.value} can be changed by others than root` };
  }
  try {
    const answer = run(program, ['--version'], {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      timeout: milliseconds,
      maxBuffer: mostOutput,
      killSignal: 'SIGKILL',
    });
    answer.child.stdin?.destroy();
    const { stdout } = await answer;
    const version = versionIn(stdout, says);
    return version === undefined ? { reason: `${program} --version says something else` } : { version };
  } catch (error) {
    return { reason: `${program} --version ${failureOf(error)}` };
  }
}

/** What execFile() reports: an errno's name, an exit status, a signal, too much output, or too long a time. */
function failureOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  const { code, killed, signal } = error as { code?: unknown; killed?: unknown; signal?: unknown };
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'printed too much';
  if (killed === true) return 'took too long';
  if (typeof code === 'number') return `ended with status ${code}`;
  if (typeof signal === 'string') return `was ended by ${signal}`;
  if (typeof code === 'string') return `could not be run: ${errnoText(code)}`;
  throw error;
}
