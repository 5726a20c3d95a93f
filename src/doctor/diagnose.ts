import { release } from 'node:os';

import { processStatus } from '../../native-probe/proc/process.js';
import { capabilityNames } from '../words/capabilities.js';
import type { Ability, DoctorDocument, DoctorRow } from '../document/doctor-document.js';
import type { Witness } from '../words/evidence.js';
import { reading, valueOf } from '../words/reading.js';
import type { Given } from './row.js';
import { rows } from './rows.js';
import { serviceRows } from './services/services.js';
import { tryRow } from './try-row.js';

/** The capabilities that let peerpid see or try more. */
const useful = new Set(
  [
    'sys_ptrace',
    'sys_admin',
    'net_admin',
    'dac_read_search',
    'perfmon',
    'bpf',
    'setuid',
    'setgid',
    'checkpoint_restore',
  ].map((name) => `cap_${name}`),
);

/**
 * Tries everything, or the rows of these ids alone.
 *
 * @param version - peerpid's own
 */
export async function diagnose(
  version: string,
  ids: readonly string[],
  given: Given,
  witness: Witness,
): Promise<DoctorDocument> {
  const chosen = ids.length === 0 ? rows : rows.filter(({ id }) => ids.includes(id));
  const tried = chosen.map((row) => tryRow(row, given, witness));
  const status = valueOf(reading(() => processStatus(process.pid)));
  return {
    peerpid: version,
    node: process.versions.node,
    kernel: { release: release(), architecture: process.arch },
    user: {
      uid: process.geteuid?.() ?? 0,
      capabilities: capabilityNames(status?.effectiveCapabilities ?? 0n).filter((name) => useful.has(name)),
      ...(status !== undefined && { seccomp: status.seccomp !== 0 }),
    },
    ...(ids.length === 0 && { verdicts: verdictsOf(tried) }),
    rows: tried,
    services: ids.length === 0 ? await serviceRows({ kernelGives: kernelGives(tried) }) : [],
  };
}

/** Whether verdicts can be had here, as the tried rows tell. */
function verdictsOf(tried: readonly DoctorRow[]): NonNullable<DoctorDocument['verdicts']> {
  const abilityOf = (id: string): Ability | undefined => tried.find((row) => row.id === id)?.ability;
  const works = (id: string): boolean => worksIn(tried, id);
  if (abilityOf('so-peercred') === 'not-tried' || abilityOf('so-peerpidfd') === 'not-tried') {
    return { detail: 'It could not be tried whether verdicts are possible.' };
  }
  if (!works('so-peercred')) {
    return { possible: false, detail: 'We cannot see who is at the other end: every verdict is `none`.' };
  }
  if (!works('so-peerpidfd')) {
    return { possible: false, detail: 'We get no pidfd of a peer: the verdict on every PID is `unpinned`.' };
  }
  const lacks = (id: string): boolean => abilityOf(id) === 'does-not' || abilityOf(id) === 'may-not';
  const weaker = [
    ...(lacks('reaped-peer') ? ['of a peer that is gone only that it is gone, by the refusal'] : []),
    ...(lacks('pidfd-ids') ? ['`pinned` rests on PIDs alone, since there are no pidfd ids'] : []),
    ...(lacks('scm-pidfd') ? ['not on messages'] : []),
    ...(lacks('unix-diag') || lacks('pidfd-getfd') ? ['not without connecting'] : []),
    ...(tried.some(({ ability }) => ability === 'not-tried') ? ['not everything could be tried'] : []),
  ];
  return {
    possible: true,
    detail:
      weaker.length === 0
        ? 'All verdicts are possible, each by a pidfd from the kernel.'
        : `Verdicts are possible, but ${weaker.join('; ')}.`,
  };
}

/** Whether the kernel gives pidfds to others too: what is refused may be refused to us alone. */
function kernelGives(tried: readonly DoctorRow[]): boolean | undefined {
  const ability = tried.find(({ id }) => id === 'so-peerpidfd')?.ability;
  return ability === 'works' ? true : ability === 'does-not' ? false : undefined;
}

function worksIn(tried: readonly DoctorRow[], id: string): boolean {
  return tried.find((row) => row.id === id)?.ability === 'works';
}
