import type { Namespaces } from '../../../native-probe/namespaces.js';
import type { Ids } from '../../../native-probe/pidfd.js';
import { knownCapabilities } from '../../words/capabilities.js';
import type { CredentialDocument, InspectDocument } from '../../document/inspect-document.js';
import type { Names } from '../../document/names.js';
import type { ProcessDocument } from '../../document/process-document.js';
import { idsInsideText } from '../../identity/ids-inside.js';
import { differingNamespaces } from '../../verdict/namespace-difference.js';
import { counted } from '../../words/counted.js';
import { fewOf, mostGroupsNamed } from '../../words/few.js';
import { localTime } from '../time.js';
import { containerText, idText, stateText } from '../who.js';

/** What a table has both columns of. */
export type TabledDocument = Pick<InspectDocument, 'recordedBy' | 'byPid' | 'byPidfd' | 'unavailable'> & {
  readonly credential: Partial<CredentialDocument> | null;
};

/** What the rows are drawn from, besides the process. */
export interface RowContext<Document extends TabledDocument = TabledDocument> {
  readonly document: Document;
  readonly names: Names;
  readonly ourNamespaces: Namespaces | undefined;
  /** Whether every row has both columns. */
  readonly both?: boolean;
  /** Of the columns, where these are not of SO_PEERCRED and SO_PEERPIDFD. */
  readonly headings?: Headings;
}

/** The same of an inspection. */
export type InspectionContext = RowContext<InspectDocument>;

/** What stands above the two columns. */
export type Headings = Readonly<Record<'byPid' | 'byPidfd', string>>;

/** One row of the table: a fact of a process. The table is drawn from this list, and peerpid-inspect(1) tells of each. */
export interface ProcessRow {
  readonly label: string;
  /** The field of the JSON that it comes from, so that its absence can be explained. */
  readonly fact: keyof ProcessDocument;
  /** Undefined when the fact is absent; `-` when there is none. */
  readonly show: (process: ProcessDocument, context: RowContext) => string | undefined;
  /** Whether two processes differ in it, where their texts may be the same although they do. */
  readonly differs?: (one: ProcessDocument, other: ProcessDocument) => boolean;
  /** Left out unless it is so on one side at least. */
  readonly onlyIf?: (process: ProcessDocument) => boolean;
  /** Left out where one side alone is known, unless all is wanted: it is of whoever has the PID now, and says little of that. */
  readonly isMinor?: true;
  /** Whether it repeats what another row says, or is what one expects: left out then where both sides agree, unless all is wanted. */
  readonly repeats?: (process: ProcessDocument, context: RowContext) => boolean;
}

/** Stands for what there is none of. */
export const none = '-';
/** Stands for what the kernel does not tell. */
export const notKnown = 'not known';

function named(id: number | undefined, name: (id: number) => string | undefined): string | undefined {
  return id === undefined ? undefined : idText(id, name(id));
}

function differ(ids: Ids | undefined): boolean {
  return ids !== undefined && ids.real !== ids.effective;
}

function pidText({ pid, state, threadOf }: ProcessDocument): string {
  if (pid === undefined) return state === 'exited' ? 'none: it has ended' : notKnown;
  if (pid === 0) return '0: outside this PID namespace';
  return threadOf === undefined ? String(pid) : `${pid}, a thread of ${threadOf}`;
}

function groupsText(groups: readonly number[] | undefined, names: Names): string | undefined {
  if (groups === undefined) return undefined;
  return groups.length === 0 ? none : fewOf(groups, (gid) => idText(gid, names.group(gid)), mostGroupsNamed).join(' ');
}

function namespacesText(theirs: Namespaces | undefined, ours: Namespaces | undefined): string | undefined {
  if (theirs === undefined) return undefined;
  if (ours === undefined)
    return Object.entries(theirs)
      .map(([kind, inode]) => `${kind}:${inode}`)
      .join(' ');
  const kinds = differingNamespaces(theirs, ours);
  if (kinds.length === 0) return 'ours';
  return `other ${kinds.map((kind) => `${kind}:${theirs[kind] ?? ''}`).join(' ')}`;
}

function capabilitiesText(capabilities: readonly string[] | undefined): string | undefined {
  if (capabilities === undefined) return undefined;
  if (capabilities.length === 0) return none;
  const lacking = knownCapabilities.filter((name) => !capabilities.includes(name));
  if (lacking.length === 0) return 'all';
  const nearlyAll = lacking.length < 8;
  return `${nearlyAll ? 'all but ' : ''}${(nearlyAll ? lacking : capabilities).map(shortened).join(' ')}`;
}

function shortened(capability: string): string {
  return capability.replace(/^cap_/, '');
}

/** A fact as text: undefined where it is absent, `-` where it is null, that is, known not to be there. */
function orNone<T>(value: T | null | undefined, show: (value: T) => string): string | undefined {
  return value === undefined ? undefined : value === null ? none : show(value);
}

/** Which process it is: above what the credential says of it. */
export const identityRows: readonly ProcessRow[] = [
  { label: 'pid', fact: 'pid', show: pidText },
  { label: 'pidfd id', fact: 'pidfdId', show: ({ pidfdId }) => pidfdId?.toString() },
  { label: 'state', fact: 'state', show: stateText },
  { label: 'started', fact: 'startTime', show: ({ startTime }) => startTime && localTime(startTime) },
  { label: 'command', fact: 'comm', show: ({ comm }) => comm },
];

/** What else is known of it: below what the credential says. */
export const detailRows: readonly ProcessRow[] = [
  { label: 'executable', fact: 'exe', show: ({ exe }) => exe },
  {
    label: 'command line',
    fact: 'cmdline',
    show: ({ cmdline }) => (cmdline?.length === 0 ? none : cmdline && commandLineText(cmdline)),
  },
  {
    label: 'its length',
    fact: 'cmdline',
    show: ({ cmdline, cmdlineBytes }) => cmdline && lengthText(cmdlineBytes),
    onlyIf: ({ cmdlineBytes }) => cmdlineBytes !== undefined,
  },
  { label: 'directory', fact: 'cwd', show: ({ cwd }) => cwd, isMinor: true },
  // The effective ids, which are what the credential has
  {
    label: 'user now',
    fact: 'uids',
    show: ({ uids }, { names }) => named(uids?.effective, (id) => names.user(id)),
    repeats: ({ uids }, { document }) => !differ(uids) && uids?.effective === document.credential?.uid,
  },
  {
    label: 'real user now',
    fact: 'uids',
    show: ({ uids }, { names }) => named(uids?.real, (id) => names.user(id)),
    onlyIf: ({ uids }) => differ(uids),
  },
  {
    label: 'group now',
    fact: 'gids',
    show: ({ gids }, { names }) => named(gids?.effective, (id) => names.group(id)),
    repeats: ({ gids }, { document }) => !differ(gids) && gids?.effective === document.credential?.gid,
  },
  {
    label: 'real group now',
    fact: 'gids',
    show: ({ gids }, { names }) => named(gids?.real, (id) => names.group(id)),
    onlyIf: ({ gids }) => differ(gids),
  },
  {
    label: 'groups now',
    fact: 'groups',
    show: ({ groups }, { names }) => groupsText(groups, names),
    // Of many groups only some are in the text
    differs: (one, other) => one.groups?.join() !== other.groups?.join(),
    repeats: ({ groups }, { document }) => groups?.join() === document.credential?.groups?.join(),
  },
  {
    label: 'login user',
    fact: 'loginUid',
    show: ({ loginUid }, { names }) => orNone(loginUid, (uid) => idText(uid, names.user(uid))),
  },
  {
    label: 'cgroup',
    fact: 'cgroup',
    isMinor: true,
    show: ({ cgroup }) => orNone(cgroup, (path) => path),
    // The root, which says nothing, or what the unit is known by
    repeats: ({ cgroup, unit }) =>
      cgroup === '/' || (typeof unit === 'string' && cgroup?.endsWith(`/${unit}`) === true),
  },
  {
    label: 'slice',
    fact: 'slice',
    isMinor: true,
    show: ({ slice }) => orNone(slice, (name) => name),
    repeats: () => true,
  },
  { label: 'unit', fact: 'unit', show: ({ unit }) => orNone(unit, (name) => name) },
  { label: 'user unit', fact: 'userUnit', show: ({ userUnit }) => orNone(userUnit, (name) => name) },
  {
    label: 'session',
    fact: 'session',
    show: ({ session }) => orNone(session, (id) => id),
    // The unit has its name
    repeats: () => true,
    onlyIf: ({ session }) => typeof session === 'string',
  },
  {
    label: 'invocation',
    fact: 'invocationId',
    isMinor: true,
    show: ({ invocationId }) => orNone(invocationId, (id) => id),
    repeats: () => true,
  },
  {
    label: 'container',
    fact: 'container',
    show: ({ container }) => orNone(container, (one) => containerText(one)),
  },
  {
    label: 'image',
    fact: 'container',
    show: ({ container }) => orNone(container, ({ image }) => image ?? none),
    onlyIf: ({ container }) => container?.image !== undefined,
  },
  {
    label: 'pod',
    fact: 'container',
    show: ({ container }) => orNone(container, ({ pod }) => pod ?? none),
    onlyIf: ({ container }) => container?.pod !== undefined,
  },
  {
    label: 'namespaces',
    fact: 'namespaces',
    show: ({ namespaces }, { ourNamespaces }) => namespacesText(namespaces, ourNamespaces),
    repeats: ({ namespaces }, { ourNamespaces }) => namespacesText(namespaces, ourNamespaces) === 'ours',
  },
  {
    label: 'inside',
    fact: 'inUserNamespace',
    show: ({ inUserNamespace }) => orNone(inUserNamespace, (ids) => `${idsInsideText(ids)}, in its own user namespace`),
  },
  {
    label: 'capabilities',
    fact: 'capabilities',
    isMinor: true,
    show: ({ capabilities, inUserNamespace }) => {
      const text = capabilitiesText(capabilities);
      return text === undefined || text === none || !inUserNamespace ? text : `${text}, in its own user namespace`;
    },
  },
  {
    label: 'restrictions',
    fact: 'seccomp',
    show: ({ noNewPrivs, seccomp }) => restrictionsText(noNewPrivs, seccomp),
  },
  { label: 'traced by', fact: 'tracerPid', show: ({ tracerPid }) => orNone(tracerPid, String) },
];

/** Every row about the process. */
export const processRows: readonly ProcessRow[] = [...identityRows, ...detailRows];

function restrictionsText(noNewPrivs: boolean | undefined, seccomp: string | undefined): string | undefined {
  if (noNewPrivs === undefined && seccomp === undefined) return undefined;
  const filter = seccomp === undefined || seccomp === 'disabled' ? '' : `seccomp ${seccomp}`;
  const words = [noNewPrivs === true ? 'no new privileges' : '', filter];
  return words.filter((word) => word !== '').join(', ') || none;
}

/** How long a command line is that was cut: without a length it was read whole. */
function lengthText(bytes: number | null | undefined): string {
  if (bytes === undefined) return none;
  return `${bytes === null ? 'more than 65536 bytes' : counted(bytes, 'byte')}, the first 65536 were read`;
}

/**
 * A process that writes a title over its arguments (PostgreSQL, nginx, sshd) leaves NUL bytes behind it, each of which
 * ends an empty argument. One alone may have been given.
 */
function commandLineText(args: readonly string[]): string {
  const end = args.findLastIndex((argument) => argument !== '') + 1;
  const isTitle = end > 0 && args.length - end > 1;
  return (isTitle ? args.slice(0, end) : args).map(quoted).join(' ');
}

/** An argument as a shell would need it, so that blanks in it are told from blanks between them. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** A row of what SO_PEERCRED and its kin say themselves: the effective ids as of the recording call. */
export interface CredentialRow {
  readonly label: string;
  readonly fact: keyof CredentialDocument;
  readonly show: (credential: Partial<CredentialDocument>, context: RowContext) => string | undefined;
}

/** Every row of the credential, in the order of the table. */
export const credentialRows: readonly CredentialRow[] = [
  { label: 'user', fact: 'uid', show: ({ uid, user }) => (uid === undefined ? undefined : idText(uid, user)) },
  { label: 'group', fact: 'gid', show: ({ gid, group }) => (gid === undefined ? undefined : idText(gid, group)) },
  { label: 'groups', fact: 'groups', show: ({ groups }, { names }) => groupsText(groups, names) },
  { label: 'label', fact: 'securityLabel', show: ({ securityLabel }) => securityLabel },
];
