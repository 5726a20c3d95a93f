import { gravity } from './gravity.js';
import type { Judgement, Verdict } from './verdict.js';

/** What the kernel has of a connection, where several may be it. */
export interface KernelRecord {
  readonly verdict: Verdict;
  /** As the bus sees it. */
  readonly uid: number | undefined;
  readonly pidfdId: number | undefined;
}

/** All that the verdict on the PID that a bus gives is drawn from. */
export interface BusEvidence {
  /** On the PID and the pidfd that the bus gave. */
  readonly judgement: Judgement;
  /** ProcessID. */
  readonly pid: number | undefined;
  /** UnixUserID. */
  readonly uid: number | undefined;
  /** Of the process that ProcessFD pins. */
  readonly pidfdId: number | undefined;
  readonly isZombie: boolean;
  /** Whether some process has the PID now, whichever. */
  readonly isTaken: boolean;
  /** Those of the bus's connections with this PID, or of this pidfd. */
  readonly records: readonly KernelRecord[];
  /** How many there are, of which those are some of each kind. */
  readonly recordCount: number;
  /** Whether the kernel has others that could not be looked at, so that one of them may be it. */
  readonly mayHaveMore: boolean;
  /** Why the kernel's records were not looked at; empty where they were. */
  readonly notSeen: readonly string[];
  /** Why the bus gave no credentials at all. */
  readonly refused: string | undefined;
}

/** What the bus and the kernel disagree in. */
type Contradiction = 'nobody' | 'other' | 'uid';

/** The verdict on a PID that a bus gives, and what it means, in a sentence or two. */
export function judgeBusClient(evidence: BusEvidence): { readonly judgement: Judgement; readonly sentence: string } {
  const against = contradictionIn(evidence);
  const { judgement } = evidence;
  return against === undefined
    ? { judgement, sentence: sentenceOf(evidence) }
    : { judgement: { ...judgement, verdict: 'contradicted' }, sentence: sayContradiction(against, evidence) };
}

function contradictionIn({ records, pid, uid, pidfdId, mayHaveMore }: BusEvidence): Contradiction | undefined {
  if (pid === undefined || pid === 0) return undefined;
  if (records.length === 0) return mayHaveMore ? undefined : 'nobody';
  if (pidfdId !== undefined && records.every((one) => one.pidfdId !== undefined && one.pidfdId !== pidfdId)) {
    return 'other';
  }
  return uid !== undefined && records.every((one) => one.uid !== undefined && one.uid !== uid) ? 'uid' : undefined;
}

function sayContradiction(against: Contradiction, { pid = 0, uid = 0, records }: BusEvidence): string {
  switch (against) {
    case 'nobody':
      return `The bus says PID ${pid}, but by the kernel no process that connected to it has that PID: something stands between them, such as a relay, or the bus is wrong.`;
    case 'other':
      return `The bus gives PID ${pid} and a pidfd (ProcessFD) of one process, but the kernel has another process of that PID at the other end.`;
    case 'uid':
      return `The bus says that user ${uid} connected as PID ${pid}, but the kernel recorded user ${records[0]?.uid ?? ''}.`;
  }
}

function sentenceOf(evidence: BusEvidence): string {
  const { judgement, pid = 0, isZombie, refused } = evidence;
  switch (judgement.verdict) {
    case 'pinned':
      return isZombie
        ? `PID ${pid} is still the process that connected to the bus: it has ended, but its parent has not waited for it, so the PID is not free yet.`
        : `PID ${pid} is the process that connected to the bus, for as long as the pidfd that the bus gives (ProcessFD) is held. It may run another program by now (execve(2)), or be controlled by a tracer.`;
    case 'exited':
      if (pid === 0) {
        return 'By the pidfd that the bus gives (ProcessFD), the process that connected has ended. The bus gives no PID of it any more, so there is none to trust.';
      }
      return `By the pidfd that the bus gives (ProcessFD), the process that connected has ended, and nobody has PID ${pid} now. Whoever goes by the PID takes the next process that gets it for the one that has ended.`;
    case 'recycled':
      return `PID ${pid} is another process now: by the pidfd that the bus gives (ProcessFD), the one that connected has ended. Whoever goes by the PID trusts the wrong process.`;
    case 'contradicted':
      return `The bus gives PID ${pid}, but its pidfd (ProcessFD) is of another process, which is alive.`;
    case 'foreign':
      return `The bus gives ${evidence.pid === undefined ? 'no PID' : 'PID 0, which is none'}: the process has none in the PID namespace of the bus, so there is none that could be trusted.`;
    case 'unpinned':
      if (judgement.basis === 'pidfd') {
        return `The bus gives a pidfd (ProcessFD), but nothing here shows which PID its process has, so nobody can say whether that is ${pid}.`;
      }
      return `The bus gives PID ${pid} and no pidfd (ProcessFD), so nobody who asks the bus can say whether that is still the process that connected. This is what polkit and every other service on the bus have to work with. ${byKernel(evidence)}`;
    case 'none':
      return refused === undefined
        ? 'The bus gives neither a PID nor a pidfd, so there is none to trust.'
        : `The bus gave no credentials (${refused}), so there is no PID to trust.`;
  }
}

/** What the kernel adds to a PID alone. */
function byKernel({ records, recordCount, pid = 0, notSeen, isTaken }: BusEvidence): string {
  const verdicts = new Set(records.map(({ verdict }) => verdict));
  const [verdict] = verdicts;
  if (verdict === undefined) {
    const why = notSeen.length === 0 ? '' : `: ${notSeen.join('; ')}`;
    return `${isTaken ? '' : 'Nobody has the PID now. '}What the kernel recorded is not known${why}.`;
  }
  if (verdicts.size > 1) {
    return `The kernel has ${recordCount} connections of PID ${pid}, and says ${[...verdicts].join(' of some and ')} of others; nobody can say which is this one.`;
  }
  switch (verdict) {
    case 'pinned':
      return 'By the kernel, it still is.';
    case 'exited':
      return 'By the kernel, that process has ended, and nobody has the PID now.';
    case 'recycled':
      return `By the kernel, that process has ended, and PID ${pid} is another one now: whoever goes by what the bus says trusts the wrong process.`;
    case 'contradicted':
      return 'By the kernel, a process of another PID is at the other end.';
    default:
      return `The kernel's record of it is ${verdict}.`;
  }
}

/**
 * What a bus's PID is worth with what the kernel knows: the worse of the two, where the kernel's records agree. A bus that
 * gives no pidfd leaves it at `unpinned`, of which most are in order.
 */
export function worstKnown(verdict: Verdict, records: readonly Pick<KernelRecord, 'verdict'>[]): Verdict {
  const verdicts = new Set(records.map((record) => record.verdict));
  const [kernels] = verdicts;
  if (verdicts.size !== 1 || kernels === undefined) return verdict;
  return gravity[kernels] < gravity[verdict] ? kernels : verdict;
}

/**
 * Whether somebody who goes by the PID is deceived, as far as is known.
 *
 * @param pid - that the bus gives; none deceives nobody
 */
export function deceivesOnBus(
  verdict: Verdict,
  records: readonly Pick<KernelRecord, 'verdict'>[],
  pid: number | undefined,
): boolean {
  return (pid ?? 0) !== 0 && ['contradicted', 'recycled', 'exited'].includes(worstKnown(verdict, records));
}
