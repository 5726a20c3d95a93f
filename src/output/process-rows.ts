import type { Ids } from '../../native-probe/pidfd.js';
import { differingNamespaces } from '../namespace-difference.js';
import type { CredentialDocument, InspectDocument, ProcessDocument } from '../document.js';
import type { ExitStatus } from '../exit-status.js';
import type { Names } from '../names.js';
import { localTime } from './time.js';
import type { Namespaces } from '../../native-probe/namespaces.js';

/** What the rows are drawn from, besides the process. */
export interface RowContext {
  readonly document: InspectDocument;
  readonly names: Names;
  readonly ourNamespaces: Namespaces | undefined;
}

/** One row of the table: a fact of a process. The table is drawn from this list, and peerpid-inspect(1) tells of each. */
export interface ProcessRow {
  readonly label: string;
  /** The field of the JSON that it comes from, so that its absence can be explained. */
  readonly fact: keyof ProcessDocument;
  /** Undefined when the fact is absent; `-` when there is none. */
  readonly show: (process: ProcessDocument, context: RowContext) => string | undefined;
  /** Left out when there is nothing to tell on either side. */
  readonly optional?: true;
}

const none = '-';

/** An id with its name, if it has one. */
export function idText(id: number, name: string | undefined): string {
  return name === undefined ? String(id) : `${name} (${id})`;
}

function idsText(ids: Ids | undefined, name: (id: number) => string | undefined): string | undefined {
  if (ids === undefined) return undefined;
  if (ids.real === ids.effective) return idText(ids.real, name(ids.real));
  return `real ${idText(ids.real, name(ids.real))}, effective ${idText(ids.effective, name(ids.effective))}`;
}

/** How a process ended, in words. */
export function exitText(status: ExitStatus | null): string {
  if (status === null) return 'how is not known';
  if ('code' in status) return `with status ${status.code}`;
  return `by ${status.signal}${status.coreDumped ? ' (core dumped)' : ''}`;
}

function stateText({ state, exitStatus }: ProcessDocument): string {
  return state === 'running' ? state : `${state}, ended ${exitText(exitStatus)}`;
}

function pidText({ pid, state, threadOf }: ProcessDocument): string {
  if (pid === undefined) return state === 'exited' ? 'none: it has ended' : 'not known';
  if (pid === 0) return '0: outside this PID namespace';
  return threadOf === undefined ? String(pid) : `${pid}, a thread of ${threadOf}`;
}

function groupsText(groups: readonly number[] | undefined, names: Names): string | undefined {
  if (groups === undefined) return undefined;
  return groups.length === 0 ? none : groups.map((gid) => idText(gid, names.group(gid))).join(' ');
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
  return capabilities.length > 6 ? `${capabilities.length} of them` : capabilities.join(' ');
}

/** Absent stays absent; null is a known nothing. */
function orNone<T>(value: T | null | undefined, show: (value: T) => string): string | undefined {
  return value === undefined ? undefined : value === null ? none : show(value);
}

/** Every row about the process, in the order of the table. */
export const processRows: readonly ProcessRow[] = [
  { label: 'pid', fact: 'pid', show: pidText },
  { label: 'pidfd id', fact: 'pidfdId', show: ({ pidfdId }) => pidfdId?.toString() },
  { label: 'state', fact: 'state', show: stateText },
  { label: 'started', fact: 'startTime', show: ({ startTime }) => startTime && localTime(startTime) },
  { label: 'command', fact: 'comm', show: ({ comm }) => comm },
  { label: 'executable', fact: 'exe', show: ({ exe }) => exe },
  {
    label: 'command line',
    fact: 'cmdline',
    show: ({ cmdline }) => (cmdline?.length === 0 ? none : cmdline?.map(quoted).join(' ')),
  },
  { label: 'directory', fact: 'cwd', show: ({ cwd }) => cwd },
  { label: 'user now', fact: 'uids', show: ({ uids }, { names }) => idsText(uids, (id) => names.user(id)) },
  { label: 'group now', fact: 'gids', show: ({ gids }, { names }) => idsText(gids, (id) => names.group(id)) },
  { label: 'groups now', fact: 'groups', show: ({ groups }, { names }) => groupsText(groups, names), optional: true },
  {
    label: 'login user',
    fact: 'loginUid',
    show: ({ loginUid }, { names }) => orNone(loginUid, (uid) => idText(uid, names.user(uid))),
    optional: true,
  },
  { label: 'cgroup', fact: 'cgroup', show: ({ cgroup }) => orNone(cgroup, (path) => path) },
  { label: 'unit', fact: 'unit', show: ({ unit }) => orNone(unit, (name) => name), optional: true },
  {
    label: 'user unit',
    fact: 'userUnit',
    show: ({ userUnit }) => orNone(userUnit, (name) => name),
    optional: true,
  },
  {
    label: 'container',
    fact: 'container',
    show: ({ container }) => orNone(container, ({ runtime, id }) => `${runtime} ${id.slice(0, 12)}`),
    optional: true,
  },
  {
    label: 'namespaces',
    fact: 'namespaces',
    show: ({ namespaces }, { ourNamespaces }) => namespacesText(namespaces, ourNamespaces),
  },
  {
    label: 'capabilities',
    fact: 'capabilities',
    show: ({ capabilities }) => capabilitiesText(capabilities),
    optional: true,
  },
  {
    label: 'restrictions',
    fact: 'seccomp',
    show: ({ noNewPrivs, seccomp }) => restrictionsText(noNewPrivs, seccomp),
    optional: true,
  },
  { label: 'traced by', fact: 'tracerPid', show: ({ tracerPid }) => orNone(tracerPid, String), optional: true },
];

function restrictionsText(noNewPrivs: boolean | undefined, seccomp: string | undefined): string | undefined {
  if (noNewPrivs === undefined && seccomp === undefined) return undefined;
  const filter = seccomp === undefined || seccomp === 'disabled' ? '' : `seccomp ${seccomp}`;
  const words = [noNewPrivs === true ? 'no new privileges' : '', filter];
  return words.filter((word) => word !== '').join(', ') || none;
}

/** An argument as a shell would need it, so that blanks in it are told from blanks between them. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** A row of what SO_PEERCRED and its kin say themselves: the effective ids as of the recording call. */
export interface CredentialRow {
  readonly label: string;
  /** Left out when there is nothing to tell. */
  readonly optional?: true;
  readonly fact: keyof CredentialDocument;
  readonly show: (credential: CredentialDocument, context: RowContext) => string | undefined;
}

/** Every row of the credential, in the order of the table. */
export const credentialRows: readonly CredentialRow[] = [
  { label: 'user', fact: 'uid', show: ({ uid, user }) => idText(uid, user) },
  { label: 'group', fact: 'gid', show: ({ gid, group }) => idText(gid, group) },
  { label: 'groups', fact: 'groups', show: ({ groups }, { names }) => groupsText(groups, names), optional: true },
  { label: 'label', fact: 'securityLabel', show: ({ securityLabel }) => securityLabel, optional: true },
];
