import type { BusEntry } from '../../native-probe/bus/bus-message.js';
import { ourselves } from '../identity/ourselves.js';
import type {
  BusConnectionDocument,
  BusCredentialDocument,
  BusCredentialsDocument,
  BusDocument,
  BusItselfDocument,
  BusSocketDocument,
} from '../document/bus-document.js';
import { describeConclusion } from '../document/describe-conclusion.js';
import { describePinned, describeProcess } from '../document/describe-process.js';
import { type Names, noNames } from '../document/names.js';
import type { ScannedSocketDocument } from '../document/scan-document.js';
import { Missing, present } from '../document/unavailable.js';
import { formatTarget, type Target } from '../socket/address.js';
import { type BusEvidence, judgeBusClient } from '../verdict/bus-verdict.js';
import { bySeverity } from '../verdict/finding.js';
import { ofProcess } from '../verdict/process-findings.js';
import { unmappedIds } from '../verdict/unmapped-ids.js';
import { judge, type Judgement } from '../verdict/verdict.js';
import { errnoText } from '../words/errno-text.js';
import type { Step } from '../words/evidence.js';
import { type Reading, valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import type { BusCredentials } from './bus-credentials.js';
import type { BusProcesses } from './bus-process.js';
import type { BusNames } from './bus-said.js';
import type { BusLook, OpenBus } from './open-bus.js';
import type { BusClientFacts } from './look-at-client.js';
import { unnamedIn } from './unnamed.js';

/** A bus, and a look at some of its connections. */
export interface BusFacts {
  readonly bus: Pick<OpenBus, 'itself' | 'processes'>;
  readonly names: BusNames;
  readonly look: BusLook;
}

/** What was learnt of a bus, as its JSON has it. */
export function describeBus(
  { bus, names: named, look }: BusFacts,
  target: Target,
  names: Names,
  evidence: readonly Step[] | undefined,
): BusDocument {
  const connections = look.clients.map((client) => describeClient(client, look, bus, names));
  const activatable = valueOf(named.activatable);
  return {
    bus: describeItself(bus, look, target, names),
    connections,
    unnamed: unnamedIn(look, named.clients.length).map(({ row, connections: number }) => ({
      ...present({ process: row.byPidfd ?? row.byPid ?? undefined, credential: row.credential ?? undefined }),
      connections: number,
    })),
    ...(activatable && { activatable }),
    notSeen: {
      names: named.cut,
      gone: look.gone,
      kernel: look.sockets.notSeen,
      users: names.missing.map(({ reason }) => reason),
    },
    ...(evidence && { evidence }),
  };
}

function describeItself(
  { processes, itself }: BusFacts['bus'],
  { clients }: BusLook,
  target: Target,
  names: Names,
): BusItselfDocument {
  const { pid, uid } = itself ?? {};
  return {
    address: formatTarget(target),
    ...present({
      pid,
      user: uid === undefined ? undefined : { id: uid, ...present({ name: names.user(uid) }) },
      holders: processes.holders?.map(({ pid: holder, fds, comm, pidfdId }) => ({
        pid: holder,
        fds,
        comm: textOf(comm),
        ...present({ pidfdId: pidfdId === undefined ? undefined : Number(pidfdId) }),
      })),
      relay: processes.isRelay ? (true as const) : undefined,
    }),
    givesPidfds: clients.some(({ hasPidfd }) => hasPidfd),
  };
}

/** A connection, as its JSON has it. */
export function describeClient(
  client: BusClientFacts,
  look: BusLook,
  { processes }: BusFacts['bus'],
  names: Names,
): BusConnectionDocument {
  const { identity, records, uniqueName } = client;
  const us = ourselves();
  const missing = new Missing();
  const credentials = missing.take('credentials', client.credentials);
  const named = identity.named?.facts;
  const byPid = named === undefined ? null : describeProcess(named, 'byPid', us, missing);
  const pinned = client.hasPidfd ? missing.take('byPidfd', identity.pinned) : undefined;
  if (credentials !== undefined && !client.hasPidfd) missing.say('byPidfd', withoutPidfd(identity.pinned));
  const byPidfd = describePinned(pinned, named, byPid, us, missing);
  const { judgement, sentence } = judgeBusClient(evidenceOf(client, look, processes));
  const credential = valueOf(identity.credential);
  const findings = bySeverity([
    ...(credential === undefined ? [] : unmappedIds(credential, us)),
    ...ofProcess({ peer: identity, recordedBy: 'connect(2)', holders: undefined, ourselves: us }),
  ]);
  return {
    uniqueName,
    names: client.names,
    credentials: credentials === undefined ? null : describeCredentials(credentials, client.hasPidfd, names),
    byPid,
    byPidfd,
    kernel: records.rows.flatMap(describeRecord),
    ...(records.count > records.rows.length && { kernelCount: records.count }),
    ...describeConclusion({ judgement, sentence, findings, evidence: undefined }, missing, noNames),
  };
}

function withoutPidfd(pinned: Reading<unknown>): string {
  return 'error' in pinned && pinned.error.code !== 'ENODATA'
    ? `${pinned.error.syscall} (${pinned.error.code})`
    : 'the bus gives none (ProcessFD)';
}

function evidenceOf(client: BusClientFacts, { sockets }: BusLook, processes: BusProcesses): BusEvidence {
  const { identity, records } = client;
  const { pid, uid } = valueOf(client.credentials) ?? {};
  const pinned = valueOf(identity.pinned);
  const isUncounted = processes.countsElsewhere && pid !== undefined && records.count === 0;
  return {
    judgement: isUncounted ? uncounted(client) : isEndedWithout(pid, identity) ? ended : judge(identity),
    pid,
    uid,
    pidfdId: pinned?.pidfdId === undefined ? undefined : Number(pinned.pidfdId),
    isZombie: (pinned ?? identity.named?.facts)?.state === 'zombie',
    isTaken: processes.countsElsewhere || identity.named?.facts !== undefined,
    recordCount: records.count,
    records: records.rows.map((row) => ({
      verdict: row.seenBy?.verdict ?? row.verdict ?? 'none',
      uid: row.seenBy === undefined ? row.credential?.uid : row.seenBy.uid,
      pidfdId: row.byPidfd?.pidfdId,
    })),
    mayHaveMore: sockets.notSeen.length > 0 || sockets.groups.hasUnknown,
    notSeen: sockets.notSeen,
    refused: 'error' in client.credentials ? errnoText(client.credentials.error.code) : undefined,
  };
}

const ended: Judgement = { verdict: 'exited', basis: 'pidfd' };

/** dbus-daemon 1.16 asks the pidfd for the PID each time, so that there is none of a process that has ended. */
function isEndedWithout(pid: number | undefined, { pinned }: BusClientFacts['identity']): boolean {
  return (pid ?? 0) === 0 && valueOf(pinned)?.state === 'exited';
}

/** Of a number of another PID namespace nothing here shows whose it is. */
function uncounted({ hasPidfd }: BusClientFacts): Judgement {
  return { verdict: 'unpinned', basis: hasPidfd ? 'pidfd' : 'credential' };
}

function describeCredentials(
  {
    pid,
    uid,
    groups,
    securityLabel,
    others,
  }: Pick<BusCredentials, 'pid' | 'uid' | 'groups' | 'securityLabel' | 'others'>,
  pidfd: boolean,
  names: Names,
): BusCredentialsDocument {
  return {
    ...present({
      pid,
      uid,
      user: uid === undefined ? undefined : names.user(uid),
      groups: groups?.first,
      groupCount: groups !== undefined && groups.count > groups.first.length ? groups.count : undefined,
      securityLabel: securityLabel && textOf(withoutNul(securityLabel)),
    }),
    pidfd,
    ...(others.length > 0 && { others: others.map(describeOther) }),
  };
}

/** D-Bus has a NUL at its end. */
function withoutNul(label: Buffer): Buffer {
  return label.at(-1) === 0 ? label.subarray(0, -1) : label;
}

function describeOther({ name, value }: BusEntry): BusCredentialDocument {
  const known = { name: textOf(name) };
  switch (value.kind) {
    case 'number':
      return { ...known, value: value.value };
    case 'text':
      return { ...known, value: textOf(value.value) };
    case 'numbers':
      return { ...known, signature: 'au' };
    case 'bytes':
      return { ...known, signature: 'ay' };
    case 'descriptor':
      return { ...known, signature: 'h' };
    case 'other':
      return { ...known, signature: value.signature };
  }
}

function describeRecord(row: ScannedSocketDocument): BusSocketDocument[] {
  const { inode, peerInode, credential, verdict, byPidfd, seenBy } = row;
  if (credential === undefined || credential === null || verdict === undefined) return [];
  const isSame =
    seenBy?.pid === credential.pid &&
    seenBy.uid === credential.uid &&
    seenBy.gid === credential.gid &&
    seenBy.verdict === verdict;
  return [{ inode, credential, verdict, ...present({ peerInode, byPidfd, seenBy: isSame ? undefined : seenBy }) }];
}
