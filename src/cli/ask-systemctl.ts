import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

import { asSyscall } from '../../native-probe/syscall-error.js';
import { reading } from '../words/reading.js';

/** Where systemctl is: of no directory that $PATH names, since root runs it. */
const places = ['/usr/bin/systemctl', '/bin/systemctl', '/run/current-system/sw/bin/systemctl'];

/** Milliseconds. */
const patience = 5000;

/** Bytes: a unit has some addresses. */
const mostOutput = 256 * 1024;

const properties = 'LoadState,ActiveState,TriggeredBy,Listen';

/** Whether systemd runs here. sd_booted(3) */
export function systemdRuns(): boolean {
  return isThere('/run/systemd/system');
}

/** Whether the user who asks has a manager of units of their own. user@.service(5) */
export function userManagerRuns(): boolean {
  return isThere(`${runtimeDirectory()}/systemd/private`);
}

/** Where pam_systemd(8) makes it, whatever $XDG_RUNTIME_DIR says. */
function runtimeDirectory(): string {
  return `/run/user/${process.getuid?.() ?? 0}`;
}

/**
 * What systemctl shows of a unit: lines of PROPERTY=VALUE.
 *
 * @param manager - the system's, or that of the user who asks
 * @returns what is wrong, in words that follow on its name, where it does not answer
 */
export async function showUnit(
  unit: string,
  manager: 'system' | 'user',
): Promise<{ readonly output: string } | string> {
  return askSystemctl(manager, ['show', `--property=${properties}`, '--', unit]);
}

/** The sockets on which a manager listens: an array of JSON. @returns as {@link showUnit} */
export async function listSockets(manager: 'system' | 'user'): Promise<{ readonly output: string } | string> {
  return askSystemctl(manager, ['list-sockets', '--all', '--full', '--output=json']);
}

async function askSystemctl(
  manager: 'system' | 'user',
  args: readonly string[],
): Promise<{ readonly output: string } | string> {
  const systemctl = places.find((place) => isThere(place, constants.X_OK));
  if (systemctl === undefined) return 'is not there';
  return run(systemctl, [...(manager === 'user' ? ['--user'] : []), ...args]);
}

function isThere(path: string, mode = constants.F_OK): boolean {
  return (
    'value' in
    reading(() => {
      asSyscall(path, () => {
        accessSync(path, mode);
      });
    })
  );
}

/** Runs a program for what it prints, which no child of its own may hold up. @returns what is wrong, in words */
function run(program: string, args: readonly string[]): Promise<{ readonly output: string } | string> {
  const env = {
    PATH: '/usr/bin:/bin',
    LC_ALL: 'C',
    SYSTEMD_COLORS: '0',
    SYSTEMD_PAGER: '',
    XDG_RUNTIME_DIR: runtimeDirectory(),
  };
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], env });
  return new Promise((resolve) => {
    let output = '';
    const end = (answer: { readonly output: string } | string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      child.stdout.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      end(`did not answer within ${patience / 1000} s`);
    }, patience);
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      output += text;
      if (output.length > mostOutput) end('prints more than any unit has');
    });
    child.on('error', (error) => {
      end(`could not be run (${error.message})`);
    });
    child.on('close', (status, signal) => {
      end(status === 0 ? { output } : `failed (${signal ?? `exit status ${status ?? ''}`})`);
    });
  });
}
