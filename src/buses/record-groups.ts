import type { ScannedSocketDocument } from '../document/scan-document.js';
import { mostRecords } from './bus-limits.js';

/** The kernel's records that may be of one connection: nothing tells those of a process apart. */
export interface RecordGroup {
  /** The first of them, and some of each kind. */
  readonly rows: readonly ScannedSocketDocument[];
  readonly count: number;
}

interface Filling {
  readonly rows: ScannedSocketDocument[];
  readonly kinds: Set<string>;
  count: number;
}

const none: RecordGroup = { rows: [], count: 0 };

/** The records of a bus, by process. A process may have thousands of connections, each of which has all as its records. */
export class RecordGroups {
  readonly #byPid = new Map<number, Filling>();
  readonly #byPidfd = new Map<number, Filling>();
  /** Whether there is one whose PID is not known in the eyes of the bus. */
  readonly hasUnknown: boolean;

  constructor(accepted: readonly ScannedSocketDocument[]) {
    for (const row of accepted) {
      add(this.#byPid, pidSeenByBus(row), row);
      add(this.#byPidfd, row.byPidfd?.pidfdId, row);
    }
    this.hasUnknown = accepted.some((row) => pidSeenByBus(row) === undefined);
  }

  /** Those of a process by the pidfd that the bus gave, or where there are none by the PID as the bus sees it. */
  of(pid: number | undefined, id: bigint | undefined): RecordGroup {
    const ofProcess = id === undefined ? undefined : this.#byPidfd.get(Number(id));
    return ofProcess ?? (pid === undefined ? undefined : this.#byPid.get(pid)) ?? none;
  }
}

function add(groups: Map<number, Filling>, key: number | undefined, row: ScannedSocketDocument): void {
  if (key === undefined) return;
  const group = groups.get(key) ?? { rows: [], kinds: new Set(), count: 0 };
  groups.set(key, group);
  group.count++;
  const kind = kindOf(row);
  if (group.rows.length >= mostRecords.alike && (group.kinds.has(kind) || group.rows.length >= mostRecords.all)) return;
  group.kinds.add(kind);
  group.rows.push(row);
}

function kindOf({ verdict, seenBy, credential, byPidfd }: ScannedSocketDocument): string {
  const ids = [credential?.pid, credential?.uid, credential?.gid, seenBy?.uid, byPidfd?.pidfdId];
  return [verdict, seenBy?.verdict, ...ids].join(' ');
}

/** The PID of a connection's process of record in the eyes of the bus; undefined where that is not known. */
function pidSeenByBus({ seenBy, credential }: ScannedSocketDocument): number | undefined {
  return seenBy === undefined ? credential?.pid : seenBy.pid;
}
