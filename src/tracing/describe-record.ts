import type { RecordedPath, RecordedProcess, TraceRecord } from '../../native-probe/bpf/trace-record.js';
import { placesNamedBy } from '../document/describe-cgroup.js';
import type { Names } from '../document/names.js';
import type { IdDocument } from '../document/socket-document.js';
import type { TraceConnectEvent, TracedCaller, TracedProcess, TracedServer } from '../document/trace-event.js';
import { present } from '../document/unavailable.js';
import { formatAddress } from '../socket/address.js';
import { textOf } from '../words/text.js';

function describeUser(id: number, names: Names): IdDocument {
  return { id, ...present({ name: names.user(id) }) };
}

function describeGroup(id: number, names: Names): IdDocument {
  return { id, ...present({ name: names.group(id) }) };
}

function describeProcess({ pid, pidfdId, uid, gid, comm }: RecordedProcess, names: Names): TracedProcess {
  return {
    pid,
    ...present({ pidfdId: pidfdId === undefined ? undefined : Number(pidfdId) }),
    user: describeUser(uid, names),
    group: describeGroup(gid, names),
    ...(comm.length > 0 && { comm: textOf(comm) }),
  };
}

/** Who made the call. */
export function describeCaller(record: TraceRecord, names: Names): TracedCaller {
  const { client, thread, executable, cgroup, isCompat } = record;
  return {
    ...describeProcess(client, names),
    thread,
    realUser: describeUser(client.realUid, names),
    ...(executable !== undefined && { exe: pathText(executable), ...(executable.cut && { exeCut: true }) }),
    cgroup: pathText(cgroup),
    ...placesOfCgroup(cgroup),
    ...(isCompat && { compat: true }),
  };
}

/** In the root of the hierarchy nothing is told: units may be those of version 1. */
function placesOfCgroup(cgroup: RecordedPath): Partial<ReturnType<typeof placesNamedBy>> {
  // Of one whose beginning is missing nobody can say what stands there
  if (cgroup.cut || cgroup.path.length <= 1) return {};
  return placesNamedBy(textOf(cgroup.path));
}

function pathText({ path, cut }: RecordedPath): string {
  return cut ? `…/${textOf(path)}` : textOf(path);
}

/** The process of record at the other end. */
export function describeServer({ server }: TraceRecord, names: Names): TracedServer | undefined {
  return server && { ...describeProcess(server, names), alive: server.alive };
}

/** Which socket the call was made on, and the address. */
export function describeCall(
  record: TraceRecord,
): Pick<
  TraceConnectEvent,
  'type' | 'inode' | 'networkNamespace' | 'address' | 'addressFrom' | 'directory' | 'descriptorSwapped'
> {
  const { type, inode, networkNamespace, isClaimed, directory, isSwapped } = record;
  const address = formatAddress(record.address);
  return {
    ...present({ type }),
    inode,
    networkNamespace,
    ...(address !== undefined && { address, addressFrom: isClaimed ? 'caller' : 'kernel' }),
    ...(directory !== undefined && { directory: pathText(directory) }),
    ...(isSwapped && { descriptorSwapped: true }),
  };
}
