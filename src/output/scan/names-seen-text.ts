import type { ScannedSocketDocument } from '../../document/scan-document.js';
import { idText } from '../who.js';

/** What the holder's own files call the peer, where they are not ours. */
export function namesSeenText({ seenBy }: ScannedSocketDocument): string | undefined {
  if (seenBy === undefined) return undefined;
  const { holder, uid, user, gid, group } = seenBy;
  const files = [nameText('/etc/passwd', 'uid', uid, user), nameText('/etc/group', 'gid', gid, group)];
  const has = files.filter((text) => text !== undefined);
  return has.length === 0 ? undefined : `process ${holder} has ${has.join(', and ')}`;
}

function nameText(
  file: string,
  kind: string,
  id: number | undefined,
  name: string | null | undefined,
): string | undefined {
  if (id === undefined || name === undefined) return undefined;
  return `${name === null ? `no name for ${kind} ${id}` : `${kind} ${idText(id, name)}`} in its own ${file}`;
}
