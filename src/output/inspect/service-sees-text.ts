import type { IdsSeenDocument, ServiceSeesDocument } from '../../document/seen-by-document.js';
import { groupsSeenText } from '../groups-seen-text.js';
import { sanitise } from '../../words/sanitise.js';

/** How the service numbers and names who is known here, in a sentence. */
export function serviceSeesText({ holder, us, file }: ServiceSeesDocument): string {
  const pid = us.pid === 0 ? 'PID 0 (it has none there), ' : '';
  const owner = file === undefined ? '' : `; the socket's file belongs to ${idsText(file)}`;
  return `To process ${holder}, a client such as peerpid is ${pid}${idsText(us)}${owner}.`;
}

function idsText({ uid, user, gid, group, groups = [] }: IdsSeenDocument): string {
  const others = groups.length === 0 ? '' : `, with the groups ${groupsSeenText(groups)}`;
  return `${idText('uid', uid, user, '/etc/passwd')} and ${idText('gid', gid, group, '/etc/group')}${others}`;
}

/** @param name - undefined where it is the name that we have, null where there is none */
function idText(kind: string, id: number | undefined, name: string | null | undefined, file: string): string {
  if (id === undefined) return `a ${kind} that is not known here`;
  if (name === undefined) return `${kind} ${id}`;
  return `${kind} ${id} (${name === null ? 'no name' : sanitise(name)} in its own ${file})`;
}
