import { openPidfd } from '../../native-probe/pidfd.js';
import type { Holder } from '../../native-probe/proc/socket-holders.js';
import { describeProcess } from '../document/describe-process.js';
import type { ProcessDocument } from '../document/process-document.js';
import type { ProcessBrief, ScannedProcessDocument } from '../document/scan-document.js';
import { Missing } from '../document/unavailable.js';
import type { Ourselves } from '../identity/ourselves.js';
import { PinnedProcess } from '../identity/pinned-process.js';
import { type ProcessFacts, processFactsOf } from '../identity/process-facts.js';
import { reading, valueOf } from '../words/reading.js';

/** The processes that the rows of a scan tell of: each is described once. */
export class ProcessCatalogue {
  readonly #briefs = new Map<ProcessFacts, ProcessBrief>();
  readonly #documents = new Map<string, ScannedProcessDocument>();

  constructor(private readonly ourselves: Ourselves) {}

  /** What a row says of a process. */
  briefOf(facts: ProcessFacts): ProcessBrief {
    const known = this.#briefs.get(facts);
    if (known !== undefined) return known;
    const missing = new Missing();
    const document = describeProcess(facts, '', this.ourselves, missing);
    const brief = briefOf(document);
    this.#briefs.set(facts, brief);
    // Without an id it is told by its number, which is all that there is
    this.#documents.set(`${facts.pidfdId ?? `pid ${facts.pid ?? ''}`}`, {
      ...document,
      unavailable: missing.rows.map((row) => ({ ...row, fact: row.fact.slice(1) })),
    });
    return brief;
  }

  /** Looks at the processes that have sockets open, too, except those that are gone meanwhile. */
  addHolders(holders: Iterable<Holder>): void {
    const seen = new Set<string>();
    for (const { pid, pidfdId } of holders) {
      const key = `${pidfdId ?? `pid ${pid}`}`;
      if (seen.has(key) || this.#documents.has(key)) continue;
      seen.add(key);
      const facts = valueOf(reading(() => viewOfHolder(pid, pidfdId)));
      if (facts !== undefined) this.briefOf(facts);
    }
  }

  get documents(): readonly ScannedProcessDocument[] {
    return [...this.#documents.values()];
  }
}

/** Undefined when the number is another process's by now. */
function viewOfHolder(pid: number, pidfdId: bigint | undefined): ProcessFacts | undefined {
  using process = new PinnedProcess(openPidfd(pid));
  return process.id === pidfdId ? processFactsOf(process, process.look()) : undefined;
}

function briefOf({ pid, pidfdId, state, exitStatus, comm, unit, container }: ProcessDocument): ProcessBrief {
  return {
    ...(pid !== undefined && { pid }),
    ...(pidfdId !== undefined && { pidfdId }),
    state,
    exitStatus,
    ...(comm !== undefined && { comm }),
    ...(unit !== undefined && { unit }),
    ...(container !== undefined && { container }),
  };
}
