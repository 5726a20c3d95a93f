import { openPidfd } from '../../../native-probe/pidfd.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import type { IdentityFacts } from '../../identity/identify.js';
import { type Ourselves, ourselves } from '../../identity/ourselves.js';
import { PinnedProcess } from '../../identity/pinned-process.js';
import type { Finding } from '../../verdict/finding.js';
import { gravity } from '../../verdict/gravity.js';
import type { Judgement } from '../../verdict/verdict.js';
import { reading, valueOf } from '../../words/reading.js';
import { type HolderView, readHolderView } from './holder-view.js';
import { seenByFindings } from './seen-by-findings.js';
import { type SeenBy, seenBy } from './seen-by.js';

/** What one holder is told of its peer, and the findings that follow. */
export interface HolderSees extends SeenBy {
  readonly holder: number;
  readonly findings: readonly Finding[];
}

/** How holders see credentials: each holder is looked at once for all of its sockets. */
export class HolderViews {
  /** By PID, with the pidfd id of the process that had it: during a scan several may have it in turn. */
  readonly #views = new Map<number, { readonly pidfdId: bigint | undefined; readonly view: HolderView | undefined }>();
  readonly #ourselves: Ourselves = ourselves();

  /** What a socket's holder is told: of several holders the one with the worst verdict. Undefined for no credential. */
  worst(holders: readonly Holder[], peer: IdentityFacts, judgement: Judgement): HolderSees | undefined {
    const credential = valueOf(peer.credential);
    if (credential === undefined) return undefined;
    let worst: HolderSees | undefined;
    for (const { pid, pidfdId } of holders) {
      const view = this.#of(pid, pidfdId);
      if (view === undefined) continue;
      const seen = seenBy(view, peer, judgement, this.#ourselves);
      if (worst !== undefined && gravity[seen.verdict] >= gravity[worst.verdict]) continue;
      worst = { ...seen, holder: pid, findings: seenByFindings(seen, credential, view, this.#ourselves) };
    }
    return worst;
  }

  /** Undefined for a holder that is gone. */
  #of(pid: number, pidfdId: bigint | undefined): HolderView | undefined {
    const known = this.#views.get(pid);
    if (known !== undefined && known.pidfdId === pidfdId) return known.view;
    const view = valueOf(
      reading(() => {
        using process = new PinnedProcess(openPidfd(pid));
        if (process.id !== pidfdId) return undefined;
        const read = readHolderView(pid, this.#ourselves);
        return process.stillHas(pid) ? read : undefined;
      }),
    );
    this.#views.set(pid, { pidfdId, view });
    return view;
  }
}
