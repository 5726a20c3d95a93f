import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

import { asSyscall } from '../../native-probe/syscall-error.js';
import { isSocketUnit } from '../socket/address.js';
import { listenAddresses } from '../socket/listen-addresses.js';
import type { Witness } from '../words/evidence.js';
import { exitStatuses, Problem } from '../words/problem.js';
import { reading } from '../words/reading.js';

/** Where systemctl is: of no directory that $PATH names, since root runs it. */
const places = ['/usr/bin/systemctl', '/bin/systemctl', '/run/current-system/sw/bin/systemctl'];

/** Milliseconds. */
const patience = 5000;

/** Bytes: a unit has some addresses. */
const mostOutput = 256 * 1024;

/**
 * What SOCKET stands for: the addresses of a socket unit of systemd's, or what was typed.
 *
 * @throws Problem where systemd does not run, does not answer in time, or has no such unit with a local socket
 */
export async function withoutUnit(typed: string, witness: Witness): Promise<readonly string[]> {
  if (!isSocketUnit(typed)) return [typed];
  const output = await ask(typed);
  const addresses = listenAddresses(output);
  witness.conclude(
    `systemctl show --property=Listen ${typed}`,
    addresses.join(', ') || 'none',
    'where the unit listens',
  );
  if (addresses.length > 0) return addresses;
  throw /^LoadState=not-found$/m.test(output)
    ? new Problem(
        'ENOENT',
        `systemd has no unit ${typed}`,
        `\`systemctl list-sockets\` lists them. ${otherwise(typed)}`,
      )
    : new Problem(
        'NOT_A_SOCKET',
        `${typed} listens on no local socket`,
        `\`systemctl show ${typed}\` tells what it is.`,
      );
}

function otherwise(unit: string): string {
  return `A file of that name is ./${unit}.`;
}

async function ask(unit: string): Promise<string> {
  // sd_booted(3)
  if (!isThere('/run/systemd/system')) {
    throw new Problem(
      'NO_SYSTEMD',
      `${unit} is the name of a unit, and systemd does not run here`,
      `Give the path or @name of its socket. ${otherwise(unit)}`,
      exitStatuses.notPossibleHere,
    );
  }
  const systemctl = places.find((place) => isThere(place, constants.X_OK));
  const answer =
    systemctl === undefined
      ? 'is not there'
      : await run(systemctl, ['show', '--property=LoadState,Listen', '--', unit]);
  if (typeof answer !== 'string') return answer.output;
  throw new Problem(
    'NO_SYSTEMD',
    `systemctl, which knows where ${unit} listens, ${answer}`,
    `Give the path or @name of its socket. ${otherwise(unit)}`,
    exitStatuses.notPossibleHere,
  );
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
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' };
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
