/** What keeps us from stating credentials: scm_check_creds() of net/core/scm.c */
import { processStatus } from '../../../native-probe/proc/process.js';
import type { StatedCredential } from '../../socket/sending.js';
import { hasCapability } from '../../words/capabilities.js';
import { capitalised } from '../../words/capitalised.js';
import { allOf } from '../../words/listed.js';
import { reading, valueOf } from '../../words/reading.js';
import { otherForbidders } from './other-forbidders.js';

/** Which capability each id takes that is not one's own, and which of these we lack; in a sentence or two. */
export function whyNotStated({ pid, uid, gid }: StatedCredential): string {
  const status = valueOf(reading(() => processStatus(process.pid)));
  const owns = (ids: { real: number; effective: number; saved: number } | undefined, id: number): boolean =>
    ids !== undefined && [ids.real, ids.effective, ids.saved].includes(id);
  const taken = [
    ...(pid === process.pid ? [] : (['CAP_SYS_ADMIN'] as const)),
    ...(owns(status?.uids, uid) ? [] : (['CAP_SETUID'] as const)),
    ...(owns(status?.gids, gid) ? [] : (['CAP_SETGID'] as const)),
  ];
  const what = { CAP_SYS_ADMIN: 'another PID', CAP_SETUID: 'another uid', CAP_SETGID: 'another gid' } as const;
  const names = { CAP_SYS_ADMIN: 'cap_sys_admin', CAP_SETUID: 'cap_setuid', CAP_SETGID: 'cap_setgid' } as const;
  const words = allOf(taken.map((capability) => `${what[capability]} needs ${capability}`));
  const effective = status?.effectiveCapabilities ?? 0n;
  const lacking = taken.filter((capability) => !hasCapability(effective, names[capability]));
  const begun = words === '' ? '' : `${capitalised(words)} (unix(7))`;
  if (lacking.length > 0)
    return `${begun}, and you lack ${allOf(lacking)} here: run it as root, outside of containers.`;
  const here = taken.includes('CAP_SYS_ADMIN') ? ' You have that here, but perhaps not over the PID namespace.' : '';
  return `${begun === '' ? '' : `${begun}.`}${here} ${otherForbidders(undefined)}`.trim();
}
