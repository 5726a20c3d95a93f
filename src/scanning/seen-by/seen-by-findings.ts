import type { Credential } from '../../../native-probe/peer-credential.js';
import type { Ourselves } from '../../identity/ourselves.js';
import { type Finding, finding } from '../../verdict/finding.js';
import { valueOf } from '../../words/reading.js';
import { type HolderView, type IdKind, idThere, type OtherIds } from './holder-view.js';
import type { SeenBy } from './seen-by.js';

const idKinds = ['uid', 'gid'] as const;
const nothing: Finding[] = [];

/** Findings where the holder is told less than we are, which an administrator would not see from here. */
export function seenByFindings(
  seen: SeenBy,
  credential: Credential,
  holder: HolderView,
  ourselves: Ourselves,
): Finding[] {
  if (holder.toldAsWeAre) return nothing;
  const ids = valueOf(holder.ids);
  return [
    ...(valueOf(seen.pid) === 0 ? ofForeign(credential, holder) : nothing),
    ...(ids === undefined || ids === 'ours' || 'error' in seen.uid
      ? nothing
      : ofIds(ids, credential, holder, ourselves)),
  ];
}

function ofForeign({ pid }: Credential, holder: HolderView): Finding[] {
  if (pid === 0) return nothing;
  return [
    finding(
      'service-sees-foreign',
      'warning',
      `Process ${holder.pid}, which holds this socket, sees PID 0 where peerpid sees ${pid}: the peer has no PID in the PID namespace of that process. A service that relies on the PID has none, and may refuse everybody from outside its PID namespace.`,
    ),
  ];
}

/** Whether the overflow id is also a user or group of the holder's user namespace. */
function isSomebody(ids: OtherIds, kind: IdKind): boolean {
  const { map, overflow } = ids[kind];
  return map.some(({ inside, count }) => overflow >= inside && overflow < inside + count);
}

/** About ids that are mapped here: those that are not cannot be mapped there either. */
function ofIds(ids: OtherIds, credential: Credential, holder: HolderView, ourselves: Ourselves): Finding[] {
  const ours = { uid: ourselves.unmappedUid, gid: ourselves.unmappedGid };
  const unmapped = idKinds.filter(
    (kind) => credential[kind] !== ours[kind] && idThere(kind, ids, credential, ourselves) === undefined,
  );
  if (unmapped.length === 0) return nothing;
  const told = unmapped.map((kind) => `${kind} ${ids[kind].overflow} instead of ${credential[kind]}`).join(' and ');
  const taken = unmapped.filter((kind) => isSomebody(ids, kind));
  const follows =
    taken.length === 0
      ? 'A service that relies on the id cannot distinguish such peers, and may refuse them all.'
      : `There ${taken.map((kind) => `${kind} ${ids[kind].overflow}`).join(' and ')} is also an id in its own right, and a service that relies on the id takes such peers for that one.`;
  return [
    finding(
      'service-sees-unmapped',
      'warning',
      `Process ${holder.pid}, which holds this socket, sees ${told}: its user namespace does not map what the peer is here. ${follows}`,
    ),
  ];
}
