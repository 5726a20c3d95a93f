import type { BusEntry, Counted } from '../../native-probe/bus/bus-message.js';
import { isPidfd, pidfdId } from '../../native-probe/pidfd.js';
import type { Credential } from '../../native-probe/peer-credential.js';
import type { Fd } from '../../native-probe/fd.js';
import type { ScannedSocketDocument } from '../document/scan-document.js';
import { identify, type IdentityFacts } from '../identity/identify.js';
import { type ProcFacts, readInFullOfMany } from '../identity/proc-facts.js';
import type { Witness } from '../words/evidence.js';
import { noId } from '../words/no-id.js';
import { mapReading, type Reading, reading, valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import { type BusCredentials, credentialsIn } from './bus-credentials.js';
import type { BusClient } from './bus-said.js';
import type { BusSockets } from './bus-sockets.js';
import type { RecordGroup } from './record-groups.js';

/** What a bus says of a connection, the processes behind that, and what the kernel has. */
export interface BusClientFacts extends BusClient {
  /** Without the pidfd, which is closed. */
  readonly credentials: Reading<Omit<BusCredentials, 'pidfd' | keyof Disposable>>;
  /** Whether the bus gave a pidfd. */
  readonly hasPidfd: boolean;
  /** Of ProcessID and ProcessFD, in our PID namespace. */
  readonly identity: IdentityFacts<ProcFacts>;
  /** The kernel's records that may be of this connection. */
  readonly records: RecordGroup;
}

/**
 * Looks at the processes that the bus names, and closes what it gave.
 *
 * @param sockets - of the bus, as they were after it had listed the connection and before it gave the credentials: unique
 * names are never used again, so it was there when they were looked at
 */
export function lookAtClient(
  client: BusClient,
  given: Reading<Counted<BusEntry>>,
  sockets: BusSockets,
  { countsElsewhere, seen }: LookContext,
  witness: Witness,
): BusClientFacts {
  using credentials = 'error' in given ? undefined : credentialsIn(given.value);
  explain(client, given, credentials, witness);
  const pidfd = pidfdIn(credentials);
  const id = 'value' in pidfd ? pidfdId(pidfd.value) : undefined;
  const records = sockets.groups.of(credentials?.pid, id);
  const pid = countsElsewhere ? numberHere(records.rows) : credentials?.pid;
  const credential = mapReading(given, () => credentialOf(credentials, pid, records.rows));
  const identity = identityOf(credential, pidfd, seen, witness);
  return {
    ...client,
    credentials: mapReading(given, () => required(credentials)),
    hasPidfd: 'value' in pidfd,
    identity,
    records,
  };
}

/** Of one look at many connections. */
export interface LookContext {
  /** Whether the bus's PIDs are those of another PID namespace. */
  readonly countsElsewhere: boolean;
  /** What was found of a process holds for its other connections, of which it may have thousands. */
  readonly seen: Map<string, IdentityFacts<ProcFacts>>;
}

function identityOf(
  credential: Reading<Credential | undefined>,
  pidfd: Reading<Fd>,
  seen: LookContext['seen'],
  witness: Witness,
): IdentityFacts<ProcFacts> {
  const { pid, uid, gid } = valueOf(credential) ?? {};
  const given = valueOf(pidfd);
  const id = given && pidfdId(given);
  // Without an id nothing tells two pidfds apart
  const key =
    given !== undefined && id === undefined ? undefined : `${pid ?? ''} ${uid ?? ''} ${gid ?? ''} ${id ?? ''}`;
  const known = key === undefined ? undefined : seen.get(key);
  if (known !== undefined) return known;
  using identified = identify(credential, pidfd, false, readInFullOfMany, witness);
  if (key !== undefined && pid !== undefined) seen.set(key, identified.facts);
  return identified.facts;
}

/** Our number of the one process that all of these are of. */
function numberHere(records: readonly ScannedSocketDocument[]): number | undefined {
  const [pid, ...others] = new Set(records.map(({ credential }) => credential?.pid));
  return others.length === 0 ? pid : undefined;
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('credentials were given and not read');
  return value;
}

/** PID 0 stands for none. The bus gives no group id but among the groups: it is the kernel's, where that has one. */
function credentialOf(
  credentials: BusCredentials | undefined,
  pid: number | undefined,
  records: readonly ScannedSocketDocument[],
): Credential | undefined {
  const { uid, pidfd, pid: given } = credentials ?? {};
  if (given === undefined && pidfd === undefined && uid === undefined) return undefined;
  const [gid = noId, ...others] = new Set(records.map(({ credential }) => credential?.gid));
  return { pid: pid ?? 0, uid: uid ?? noId, gid: others.length === 0 ? gid : noId };
}

function pidfdIn(credentials: BusCredentials | undefined): Reading<Fd> {
  const pidfd = credentials?.pidfd;
  if (pidfd === undefined) return { error: { syscall: 'ProcessFD of GetConnectionCredentials', code: 'ENODATA' } };
  const is = reading(() => isPidfd(pidfd));
  if ('error' in is) return is;
  return is.value ? { value: pidfd } : { error: { syscall: 'ProcessFD is not a pidfd', code: 'EBADF' } };
}

function explain(
  { uniqueName }: BusClient,
  given: Reading<unknown>,
  credentials: BusCredentials | undefined,
  witness: Witness,
): void {
  const parts =
    credentials === undefined
      ? ['error' in given ? given.error.code : '']
      : [
          `ProcessID ${credentials.pid ?? 'none'}`,
          `UnixUserID ${credentials.uid ?? 'none'}`,
          credentials.pidfd === undefined ? 'no ProcessFD' : `ProcessFD ${credentials.pidfd.number}`,
          ...(credentials.securityLabel === undefined
            ? []
            : [`LinuxSecurityLabel ${textOf(credentials.securityLabel)}`]),
        ];
  witness.conclude(
    `GetConnectionCredentials ${uniqueName}`,
    parts.join(', '),
    credentials === undefined
      ? 'the bus says nothing of this connection'
      : credentials.pidfd === undefined
        ? 'a PID as of connect(2), by the word of the bus: what polkit has to work with'
        : 'a pidfd that the bus had from the kernel, and the PID as of connect(2)',
  );
}
