import { loginSessionOf } from '../../native-probe/bus/sd-login.js';
import { knownServices } from '../doctor/services/known-services.js';
import { serviceRows } from '../doctor/services/services.js';
import type {
  BusConnectionDocument,
  BusDocument,
  LoginSessionDocument,
  PolkitDocument,
} from '../document/bus-document.js';
import type { ServiceRow } from '../document/doctor-document.js';
import { present } from '../document/unavailable.js';
import { judgePolkit } from '../verdict/polkit-subject.js';
import type { Verdict } from '../verdict/verdict.js';
import { reading, valueOf } from '../words/reading.js';
import { textOf } from '../words/text.js';
import type { BusClientFacts } from './look-at-client.js';
import type { BusLook } from './open-bus.js';

/** The same document, with the process that polkit takes for each client. @param look - that the connections are of */
export async function withPolkit(document: BusDocument, look: Pick<BusLook, 'clients'>): Promise<BusDocument> {
  const installed = await installedPolkit();
  const facts = new Map(look.clients.map((client) => [client.uniqueName, client]));
  const connections = document.connections.map((connection) => {
    const client = facts.get(connection.uniqueName);
    return client === undefined ? connection : { ...connection, polkit: describePolkit(connection, client, installed) };
  });
  return { ...document, connections };
}

/** The polkit that is installed; undefined where none is. */
async function installedPolkit(): Promise<ServiceRow | undefined> {
  const services = knownServices.filter(({ id }) => id === 'polkit');
  // What the bus gives shows what the kernel gives
  const [row] = await serviceRows({ kernelGives: true, services });
  return row;
}

/** Which process polkit takes for a client. */
function describePolkit(
  document: BusConnectionDocument,
  { identity }: Pick<BusClientFacts, 'identity'>,
  installed: ServiceRow | undefined,
): PolkitDocument {
  const { credentials, byPid, byPidfd, kernel, verdict } = document;
  const usesPidfds =
    installed === undefined || installed.usesPidfds === 'not-known' ? undefined : installed.usesPidfds === 'yes';
  const judged = judgePolkit({
    usesPidfds,
    polkit: installed?.version === undefined ? 'polkit' : `polkit ${installed.version}`,
    hasPidfd: credentials?.pidfd === true,
    verdict,
    kernels: agreed(kernel.map((record) => record.seenBy?.verdict ?? record.verdict)),
    pid: credentials?.pid,
    uid: credentials?.uid,
    named: byPid === null ? undefined : `${byPid.comm ?? 'a process'} ${byPid.pid ?? ''}`.trimEnd(),
  });
  const taken = judged.goesBy === 'pidfd' ? byPidfd : byPid;
  const session = taken?.pid === undefined || taken.pid === 0 ? undefined : sessionOf(taken.pid);
  return {
    ...judged,
    ...present({
      version: installed?.version,
      startTicks: byPid === null ? undefined : valueOf(identity.named?.facts?.proc?.stat)?.startTicks,
      session,
    }),
  };
}

function agreed(verdicts: readonly Verdict[]): Verdict | undefined {
  const [one, ...others] = new Set(verdicts);
  return others.length === 0 ? one : undefined;
}

/** Null where it is in none; undefined where that cannot be said. */
function sessionOf(pid: number): LoginSessionDocument | null | undefined {
  const read = reading(() => loginSessionOf(pid));
  if ('error' in read) return undefined;
  const session = read.value;
  if (session === undefined) return null;
  return {
    id: textOf(session.id),
    seat: session.seat === undefined ? null : textOf(session.seat),
    ...present({
      active: session.isActive,
      remote: session.isRemote,
      class: session.class && textOf(session.class),
    }),
  };
}
