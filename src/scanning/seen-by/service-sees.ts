/** How a service numbers and names those who are known here. */
import { openPidfd } from '../../../native-probe/pidfd.js';
import { processStatus } from '../../../native-probe/proc/process.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import type { ServiceSeesDocument } from '../../document/seen-by-document.js';
import { Missing, type Unavailable } from '../../document/unavailable.js';
import { identify, type IdentityFacts } from '../../identity/identify.js';
import { readBrief } from '../../identity/proc-facts.js';
import type { SocketFile } from '../../socket/socket-file.js';
import { judge } from '../../verdict/verdict.js';
import { Witness } from '../../words/evidence.js';
import { reading, valueOf } from '../../words/reading.js';
import { describeIds } from './describe-seen-by.js';
import { type HolderSees, HolderViews } from './holder-views.js';

/** What is seen, and what of it could not be had. */
export interface ServiceSees {
  readonly serviceSees: ServiceSeesDocument;
  readonly unavailable: readonly Unavailable[];
}

/**
 * What the processes that have a service's socket are told of a client that is as we are, and of whom its file is.
 *
 * @param holders - of the service's socket
 * @param file - that it is bound to
 * @returns undefined where that is what we see, or nobody can be looked at
 */
export function serviceSees(holders: readonly Holder[], file: SocketFile | undefined): ServiceSees | undefined {
  const ids = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  using us = identify(
    { value: { pid: process.pid, ...ids } },
    reading(() => openPidfd(process.pid)),
    false,
    readBrief,
    Witness.silent(),
  );
  const views = new HolderViews();
  const seen = (one: IdentityFacts, only = holders, groups?: readonly number[]): HolderSees | undefined =>
    views.worst(only, one, judge(one), groups);
  const ofUs = seen(us.facts, holders, valueOf(reading(() => processStatus(process.pid).groups)));
  if (ofUs === undefined) return undefined;
  const missing = new Missing();
  const same = holders.filter(({ pid }) => pid === ofUs.holder);
  const ofFile =
    file && seen({ ...us.facts, credential: { value: { pid: process.pid, uid: file.uid, gid: file.gid } } }, same);
  if (!isOther(ofUs, ids) && (ofFile === undefined || !isOther(ofFile, file ?? ids))) return undefined;
  return {
    serviceSees: {
      holder: ofUs.holder,
      us: { pid: missing.take('serviceSees.us.pid', ofUs.pid), ...describeIds(ofUs, 'serviceSees.us', missing) },
      ...(ofFile && { file: describeIds(ofFile, 'serviceSees.file', missing) }),
    },
    unavailable: missing.rows,
  };
}

/** Whether ids or their names are others there, or cannot be told. */
function isOther({ uid, user, gid, group }: HolderSees, ids: { readonly uid: number; readonly gid: number }): boolean {
  const isSame = 'value' in uid && uid.value === ids.uid && 'value' in gid && gid.value === ids.gid;
  return !isSame || user !== undefined || group !== undefined;
}
