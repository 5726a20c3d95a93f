import type { Credential } from '../../../native-probe/peer-credential.js';
import type { Ourselves } from '../../identity/ourselves.js';
import { type Finding, finding } from '../../verdict/finding.js';
import { mapReading, type Reading, valueOf } from '../../words/reading.js';
import type { AccountFile } from './account-names.js';
import type { Accounts } from './accounts.js';
import { type HolderView, type IdKind, idThere } from './holder-view.js';
import type { SeenBy } from './seen-by.js';

/** The one id that distributions have other names for: nobody, nogroup. */
const nobody = 65534;

/** What a holder's files call the ids that it is told. */
export interface NamesSeen {
  /** Undefined where the file is ours too; its value is undefined where the file has no name for the id. */
  readonly user: NameSeen;
  readonly group: NameSeen;
  /** The supplementary groups; undefined where the file and the numbers are ours, or they are not known. */
  readonly groups?: Reading<readonly GroupSeen[]> | undefined;
}

/** A group as it is numbered and named in there. */
export interface GroupSeen {
  /** The overflow id where it is not mapped. */
  readonly id: number;
  /** Undefined where the file has none, and of the overflow id. */
  readonly name: string | undefined;
}
type NameSeen = Reading<string | undefined> | undefined;

export const noNamesSeen: NamesSeen = { user: undefined, group: undefined };

const kinds = [
  { id: 'uid', file: 'passwd' },
  { id: 'gid', file: 'group' },
] as const satisfies readonly { readonly id: IdKind; readonly file: AccountFile }[];
type Kind = (typeof kinds)[number];

/** Whose files are compared. */
export interface Sides {
  /** The holder's. */
  readonly there: Accounts;
  readonly ours: Accounts;
  /** The peer's own, where it lives, and its ids are numbered as ours. */
  readonly peer: { readonly pid: number; readonly accounts: Accounts } | undefined;
}

/** The names of a credential in the eyes of its holder. */
export function namesSeen(
  sides: Sides,
  seen: SeenBy,
  credential: Credential,
  { ids }: HolderView,
  us: Ourselves,
): NamesSeen {
  const nameOf = ({ id, file }: Kind): NameSeen => {
    const [told, there] = [valueOf(seen[id]), valueOf(ids)];
    if (told === undefined || there === undefined || sides.there[file] === sides.ours[file]) return undefined;
    // The overflow id stands for all that are not mapped
    const unmapped =
      there === 'ours' ? isUnmapped(id, credential, us) : idThere(id, there, credential, us) === undefined;
    return unmapped ? undefined : mapReading(sides.there[file].names, (names) => names.get(told));
  };
  const [user, group] = kinds.map(nameOf);
  return { user, group };
}

/** The supplementary groups of a credential in the eyes of its holder. @param groups - SO_PEERGROUPS, as we are told them */
export function groupsSeen(
  { there, ours }: Sides,
  groups: readonly number[],
  { ids }: HolderView,
  us: Ourselves,
): NamesSeen['groups'] {
  const numbers = valueOf(ids);
  if (numbers === undefined || there.group === ours.group) return undefined;
  return mapReading(there.group.names, (names) =>
    groups.map((gid) => {
      if (numbers === 'ours') return { id: gid, name: gid === us.unmappedGid ? undefined : names.get(gid) };
      const id = idThere('gid', numbers, { pid: 0, uid: 0, gid }, us);
      return { id: id ?? numbers.gid.overflow, name: id === undefined ? undefined : names.get(id) };
    }),
  );
}

/**
 * The finding that a holder has another name for an id than the peer itself has (or, where that cannot be seen, than is
 * known here): only of ids that both have, and that are numbered as here. In another user namespace other names are usual.
 */
export function nameFindings(
  { user, group }: NamesSeen,
  { there, ours, peer }: Sides,
  credential: Credential,
  view: HolderView,
): Finding[] {
  if (valueOf(view.ids) !== 'ours') return [];
  const compared = peer?.accounts ?? ours;
  const whose = peer === undefined ? 'the one here' : `that of process ${peer.pid}, the peer,`;
  const differences = kinds.flatMap(({ id, file }) => {
    const name = valueOf(id === 'uid' ? user : group);
    const names = valueOf(compared[file].names);
    if (name === undefined || names === undefined || there[file] === compared[file]) return [];
    const other = names.get(credential[id]);
    if (other === name || credential[id] === nobody) return [];
    const has = other === undefined ? 'none' : quoted(other);
    const text = `its /etc/${file} has the name ${quoted(name)} for ${id} ${credential[id]} where ${whose} has ${has}`;
    return [{ text, name, isOther: other !== undefined }];
  });
  if (differences.length === 0) return [];
  const names = differences.map(({ name }) => quoted(name)).join(' and ');
  return [
    finding(
      'service-names-differ',
      differences.some(({ isOther }) => isOther) ? 'warning' : 'info',
      `Process ${view.pid}, which holds this socket, reads other names than the peer: ${differences.map(({ text }) => text).join(', and ')}. A service that relies on names takes the peer for ${names}, if its name service (nsswitch.conf(5)) uses that file.`,
    ),
  ];
}

/** Characters of a name that a finding has. */
const mostNamed = 64;

function quoted(name: string): string {
  const characters = Array.from(name);
  return characters.length > mostNamed ? `"${characters.slice(0, mostNamed).join('')}…"` : `"${name}"`;
}

function isUnmapped(id: IdKind, credential: Credential, { unmappedUid, unmappedGid }: Ourselves): boolean {
  return credential[id] === (id === 'uid' ? unmappedUid : unmappedGid);
}
