import type { Names } from '../document/names.js';
import type { ScannedSocketDocument } from '../document/scan-document.js';
import { endsOf } from '../connections/connection-facts.js';
import { RecordGroups } from './record-groups.js';
import { scanNarrowed } from '../scanning/scan.js';

/** The kernel's records of the connections of a bus. */
export interface BusSockets {
  /** The bus's ends of connections that it accepted, and of which the kernel has a credential. */
  readonly accepted: readonly ScannedSocketDocument[];
  /** The same, by process. */
  readonly groups: RecordGroups;
  /** Why there may be others; empty where there are none. */
  readonly notSeen: readonly string[];
}

/**
 * Asks the kernel, as a scan does, for the process of record of each connection that some processes have accepted.
 *
 * @param pids - of the bus
 * @throws SyscallError where the kernel's list cannot be had
 */
export function busSockets(pids: ReadonlySet<number>, names: Names): BusSockets {
  const isBus = ({ holders }: ScannedSocketDocument): boolean => holders.some(({ pid }) => pids.has(pid));
  const { document, asked } = scanNarrowed(
    {
      wants: (connection) => endsOf(connection).some((end) => end.type === 'stream' && isBus(end)),
      byHolder: true,
      userName: () => undefined,
    },
    { audit: true, details: false, explain: false, ownNamespace: false },
    names,
  );
  const ofBus = document.sockets.filter((row) => asked.has(row.inode) && row.state === 'connected' && isBus(row));
  const notAsked = ofBus.filter(({ credential }) => credential === undefined).length;
  const accepted = ofBus.filter(({ credential, recordedBy }) => credential && recordedBy === 'connect(2)');
  const notSeen: string[] = [];
  if (ofBus.length === 0) {
    notSeen.push(
      process.geteuid?.() === 0
        ? 'no socket of the bus was seen'
        : 'you may not see the sockets of the bus: its user may, and root (CAP_SYS_PTRACE)',
    );
  } else if (notAsked > 0) {
    const reasons = document.notSeen.reasons.filter(({ fact }) => fact === 'credentials').map(({ reason }) => reason);
    notSeen.push(`${notAsked} of the bus's sockets could not be asked: ${reasons.join('; ')}`);
  }
  return { accepted, groups: new RecordGroups(accepted), notSeen };
}
