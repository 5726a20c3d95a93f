import { openPidfd } from '../../native-probe/pidfd.js';
import type { Holder } from '../../native-probe/proc/socket-holders.js';
import type { ProcessOf } from '../connections/connection-facts.js';
import { describeBrief } from '../document/describe-brief.js';
import { describeProcess } from '../document/describe-process.js';
import { type ProcessKey, processKey } from '../document/process-key.js';
import type { ProcessBrief, ScannedProcessDocument } from '../document/scan-document.js';
import { Missing } from '../document/unavailable.js';
import { ourselves } from '../identity/ourselves.js';
import { PinnedProcess } from '../identity/pinned-process.js';
import type { ProcBrief, ProcRequest } from '../identity/proc-facts.js';
import { type ProcessFacts, processFactsOf } from '../identity/process-facts.js';
import { reading, valueOf } from '../words/reading.js';

/** The processes that the rows of a scan tell of: each is described once, and in full only if somebody asks. */
export class ProcessCatalogue {
  readonly #briefs = new Map<ProcessFacts, ProcessBrief>();
  readonly #known = new Map<ProcessKey, ProcessFacts>();

  /** What a row says of a process. Describes the process in full, too. */
  briefOf(facts: ProcessFacts): ProcessBrief {
    const known = this.#briefs.get(facts);
    if (known !== undefined) return known;
    const brief = describeBrief(facts);
    this.#briefs.set(facts, brief);
    this.#known.set(processKey(facts), facts);
    return brief;
  }

  /**
   * Looks at the processes that have sockets open, too, except those that are gone meanwhile.
   *
   * @param request - what of /proc is wanted of them
   */
  addHolders(holders: Iterable<Holder>, request: ProcRequest<ProcBrief>): void {
    const seen = new Set<ProcessKey>();
    for (const holder of holders) {
      const key = processKey(holder);
      if (seen.has(key) || this.#known.has(key)) continue;
      seen.add(key);
      const facts = valueOf(reading(() => factsOfHolder(holder, request)));
      if (facts !== undefined) this.#known.set(processKey(facts), facts);
    }
  }

  /** Each in full, as far as it was asked for. */
  describe(): ScannedProcessDocument[] {
    return Array.from(this.#known.values(), describeInFull);
  }
}

function describeInFull(facts: ProcessFacts): ScannedProcessDocument {
  const missing = new Missing();
  const document = describeProcess(facts, '', ourselves(), missing);
  return { ...document, unavailable: missing.rows.map((row) => ({ ...row, fact: row.fact.slice(1) })) };
}

/** Looks at processes that have sockets open as they are asked for, each once. @param request - what of /proc is wanted */
export function holdersAskedFor(request: ProcRequest<ProcBrief>): ProcessOf {
  const known = new Map<ProcessKey, ScannedProcessDocument | undefined>();
  return ({ pid, pidfdId }) => {
    const key = processKey({ pid, pidfdId });
    if (!known.has(key)) {
      const id = pidfdId === undefined ? undefined : BigInt(pidfdId);
      const facts = valueOf(reading(() => factsOfHolder({ pid, pidfdId: id }, request)));
      known.set(key, facts && describeInFull(facts));
    }
    return known.get(key);
  };
}

/** Undefined when the number is another process's by now. */
function factsOfHolder(
  { pid, pidfdId }: Pick<Holder, 'pid' | 'pidfdId'>,
  request: ProcRequest<ProcBrief>,
): ProcessFacts | undefined {
  using process = new PinnedProcess(openPidfd(pid));
  return process.id === pidfdId ? processFactsOf(process, process.look(), request) : undefined;
}
