import { isSocketUnit } from '../socket/address.js';
import { listenAddresses } from '../socket/listen-addresses.js';
import type { Witness } from '../words/evidence.js';
import { eitherOf } from '../words/listed.js';
import { exitStatuses, Problem, wrongUsage } from '../words/problem.js';
import { sanitise } from '../words/sanitise.js';
import { showUnit, systemdRuns, userManagerRuns } from './ask-systemctl.js';

/**
 * What SOCKET stands for: the addresses of a socket unit of systemd's, or what was typed. A unit that does not listen now is told of on standard error.
 *
 * @param json - whether standard error is to have errors alone
 * @throws Problem where systemd does not run, does not answer in time, or has no such unit with a local socket
 */
export async function addressesFor(typed: string, witness: Witness, json: boolean): Promise<readonly string[]> {
  if (!isSocketUnit(typed)) return [typed];
  if (/@\.\w+$/.test(typed)) throw isTemplate(typed);
  const { output, command } = await ask(typed);
  const addresses = listenAddresses(output);
  const state = propertyOf(output, 'ActiveState');
  witness.conclude(
    `${command} show --property=Listen ${typed}`,
    addresses.join(', ') || 'none',
    `where the unit listens, which is ${state ?? 'not known to be active'}`,
  );
  if (addresses.length === 0) throw withoutAddress(typed, output);
  if (!json && state !== undefined && state !== 'active') {
    process.stderr.write(`${typed} is ${sanitise(state)}: systemd does not listen for it now\n`);
  }
  return addresses;
}

/**
 * The one address that SOCKET stands for, where only one can be meant.
 *
 * @throws Problem as {@link addressesFor} does, and where there are several
 */
export async function addressFor(typed: string, witness: Witness, json: boolean): Promise<string> {
  const addresses = await addressesFor(typed, witness, json);
  const [first = '', ...others] = addresses;
  if (others.length === 0) return first;
  throw wrongUsage(`${typed} listens on ${addresses.length} sockets`, `Give ${eitherOf(addresses)}.`);
}

function propertyOf(output: string, name: string): string | undefined {
  const value = new RegExp(`^${name}=(.+)$`, 'm').exec(output)?.[1];
  return value === '' ? undefined : value;
}

function otherwise(unit: string): string {
  return `A file of that name is ./${unit}.`;
}

/** As a shell takes it: a name of a unit may have a backslash, and nothing else that wants it. */
function quoted(unit: string): string {
  return unit.includes('\\') ? `'${unit}'` : unit;
}

function isTemplate(typed: string): Problem {
  const dot = typed.lastIndexOf('.');
  return wrongUsage(
    `${typed} is a template: each instance has its own sockets`,
    `Name an instance, such as ${typed.slice(0, dot)}NAME${typed.slice(dot)}. ${otherwise(typed)}`,
  );
}

function withoutAddress(typed: string, output: string): Problem {
  if (propertyOf(output, 'LoadState') === 'not-found') {
    const list = typed.endsWith('.socket') ? 'list-sockets' : 'list-units';
    const asked = userManagerRuns()
      ? ''
      : ' Only the system manager was asked, as no user manager of yours is running.';
    return new Problem(
      'ENOENT',
      `systemd has no unit ${typed}`,
      `\`systemctl ${list} --all\` lists them. ${otherwise(typed)}${asked}`,
    );
  }
  if (typed.endsWith('.socket')) {
    return new Problem(
      'NOT_A_SOCKET',
      `${typed} listens on no local socket`,
      `\`systemctl show ${quoted(typed)}\` shows what it is.`,
    );
  }
  const triggers = (propertyOf(output, 'TriggeredBy') ?? '').split(' ').filter((unit) => unit.endsWith('.socket'));
  const started = triggers.length === 0 ? '' : `It is started by traffic to ${eitherOf(triggers)}: give that. `;
  return new Problem(
    'NOT_A_SOCKET',
    `${typed} is a service, and only a socket unit says where it listens`,
    `${started}\`peerpid scan --listening ${quoted(typed)}\` shows where its processes listen. ${otherwise(typed)}`,
  );
}

/** Asks the manager of the system's units, and for one that it has not that of the user's. */
async function ask(unit: string): Promise<{ readonly output: string; readonly command: string }> {
  if (!systemdRuns()) {
    throw notPossible(`${unit} is the name of a unit, and systemd does not run here`, unit);
  }
  const ofSystem = await askManager(unit, 'system');
  if (propertyOf(ofSystem.output, 'LoadState') !== 'not-found' || !userManagerRuns()) return ofSystem;
  return askManager(unit, 'user');
}

async function askManager(
  unit: string,
  manager: 'system' | 'user',
): Promise<{ readonly output: string; readonly command: string }> {
  const command = manager === 'user' ? 'systemctl --user' : 'systemctl';
  const answer = await showUnit(unit, manager);
  if (typeof answer !== 'string') return { ...answer, command };
  throw notPossible(`${command}, which knows where ${unit} listens, ${answer}`, unit);
}

function notPossible(message: string, unit: string): Problem {
  return new Problem(
    'NO_SYSTEMD',
    message,
    `Give the path or @name of its socket. ${otherwise(unit)}`,
    exitStatuses.notPossibleHere,
  );
}
