import type { Credential } from '../../../native-probe/peer-credential.js';
import { openPidfd } from '../../../native-probe/pidfd.js';
import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import type { IdentityFacts } from '../../identity/identify.js';
import { type Ourselves, ourselves } from '../../identity/ourselves.js';
import { PinnedProcess } from '../../identity/pinned-process.js';
import type { Finding } from '../../verdict/finding.js';
import { gravity } from '../../verdict/gravity.js';
import type { Judgement } from '../../verdict/verdict.js';
import { type Reading, reading, valueOf } from '../../words/reading.js';
import { type Accounts, AllAccounts } from './accounts.js';
import { type HolderView, readHolderView } from './holder-view.js';
import { groupsSeen, nameFindings, type NamesSeen, namesSeen, noNamesSeen, type Sides } from './names-seen.js';
import { seenByFindings } from './seen-by-findings.js';
import { type SeenBy, seenBy } from './seen-by.js';

/** What one holder is told of its peer, and the findings that follow. */
export interface HolderSees extends SeenBy, NamesSeen {
  readonly holder: number;
  readonly findings: readonly Finding[];
}

interface Viewer {
  readonly view: HolderView;
  /** Its files of users and groups; undefined where it has our root, and so ours. */
  readonly accounts: Reading<Accounts | undefined>;
}

/** How holders see credentials: each holder is looked at once for all of its sockets. */
export class HolderViews {
  /** By PID, with the pidfd id of the process that had it: during a scan several may have it in turn. */
  readonly #viewers = new Map<number, { readonly pidfdId: bigint | undefined; readonly viewer: Viewer | undefined }>();
  readonly #accounts = new AllAccounts();
  readonly #ourselves: Ourselves = ourselves();

  /**
   * What a socket's holder is told: of several holders the one with the worst verdict. Undefined for no credential.
   *
   * @param groups - the supplementary groups, where they were asked for
   */
  worst(
    holders: readonly Holder[],
    peer: IdentityFacts,
    judgement: Judgement,
    groups?: readonly number[],
  ): HolderSees | undefined {
    const credential = valueOf(peer.credential);
    if (credential === undefined) return undefined;
    let worst: { readonly seen: SeenBy; readonly viewer: Viewer } | undefined;
    for (const { pid, pidfdId, thread } of holders) {
      const viewer = this.#of(pid, pidfdId, thread);
      if (viewer === undefined) continue;
      const seen = seenBy(viewer.view, peer, judgement, this.#ourselves);
      if (worst === undefined || gravity[seen.verdict] < gravity[worst.seen.verdict]) worst = { seen, viewer };
    }
    return worst && this.#withNames(worst.seen, worst.viewer, peer, credential, groups);
  }

  #withNames(
    seen: SeenBy,
    viewer: Viewer,
    peer: IdentityFacts,
    credential: Credential,
    groups: readonly number[] | undefined,
  ): HolderSees {
    const { view, accounts } = viewer;
    const findings = seenByFindings(seen, credential, view, this.#ourselves);
    const holder = { ...seen, holder: view.pid };
    if ('error' in accounts) return { ...holder, user: accounts, group: accounts, findings };
    if (accounts.value === undefined) return { ...holder, ...noNamesSeen, findings };
    const sides: Sides = { there: accounts.value, ours: this.#accounts.ours, peer: this.#accountsOf(peer) };
    const names = namesSeen(sides, seen, credential, view, this.#ourselves);
    const others = groups && groupsSeen(sides, groups, view, this.#ourselves);
    return {
      ...holder,
      ...names,
      groups: others,
      findings: [...findings, ...nameFindings(names, sides, credential, view)],
    };
  }

  /** What the peer itself goes by; undefined where that is not known, or its ids are numbered otherwise. */
  #accountsOf(peer: IdentityFacts): Sides['peer'] {
    const { state, pid = 0, pidfdId } = valueOf(peer.pinned) ?? {};
    const viewer = state === 'running' ? this.#of(pid, pidfdId) : undefined;
    if (viewer === undefined || valueOf(viewer.view.ids) !== 'ours' || 'error' in viewer.accounts) return undefined;
    return { pid, accounts: viewer.accounts.value ?? this.#accounts.ours };
  }

  /** Undefined for a process that is gone. */
  #of(pid: number, pidfdId: bigint | undefined, thread?: number): Viewer | undefined {
    const known = this.#viewers.get(pid);
    if (known !== undefined && known.pidfdId === pidfdId) return known.viewer;
    const viewer = valueOf(
      reading(() => {
        using process = new PinnedProcess(openPidfd(pid));
        if (process.id !== pidfdId) return undefined;
        const read = {
          view: readHolderView(pid, this.#ourselves),
          accounts: reading(() => this.#accounts.of(pid, thread)),
        };
        return process.stillHas(pid) ? read : undefined;
      }),
    );
    this.#viewers.set(pid, { pidfdId, viewer });
    return viewer;
  }
}
