import type {
  InFlightDocument,
  NetworkNamespaceDocument,
  NotSeenDocument,
  NotSeenFact,
  ScanDocument,
  UnlistedDocument,
} from '../../document/scan-document.js';
import { gravity, verdictsByGravity } from '../../verdict/gravity.js';
import { counted } from '../../words/counted.js';
import { fewOf } from '../../words/few.js';
import { enteringTakesRoot, othersHidden, othersTakeRoot } from '../../words/others-take-root.js';
import { whereElse } from '../../words/where-else.js';
import { noBreak } from '../fold.js';
import { foldedBeside } from '../folded-beside.js';
import { paintVerdict, type Style } from '../style.js';
import { processName } from '../who.js';

/**
 * What a scan sums up to, and what could not be seen.
 *
 * @param hidden - how many sockets only root sees the holders of, where one line tells of these and nothing was shown
 */
export function scanSummary(
  { summary, notSeen, networkNamespaces }: ScanDocument,
  style: Style,
  hidden?: number,
): string {
  const { sockets, connections, listening, receivers, verdicts, deceived } = summary;
  const lines = [
    `${counted(sockets, 'socket')}: ${counted(connections, 'connection')}, ${counted(listening, 'listener')}, ${counted(receivers, 'datagram receiver')}`,
  ];
  const counts = verdictsByGravity.flatMap((verdict) => {
    const number = verdicts[verdict];
    return number === undefined ? [] : [`${paintVerdict(verdict, verdict, style)}${noBreak}${number}`];
  });
  if (counts.length > 0) lines.push(`credentials: ${counts.join(', ')}`);
  lines.push(...deceivedLine(verdicts, deceived));
  const findings = Object.entries(summary.findings).map(([id, number]) => `${id}${noBreak}${number}`);
  if (findings.length > 0) lines.push(`findings: ${findings.join(', ')}`);
  const folded = lines.map((line) => foldedBeside(line, 2, style).replaceAll(noBreak, ' '));
  const told = hidden === undefined ? notSeen : withoutOthers(notSeen);
  const unseen = [...hiddenLine(hidden, notSeen), ...notSeenLines(told, networkNamespaces)];
  return [...folded, ...unseen.map((line) => foldedBeside(line, 2, style))].join('\n');
}

/** One line, with all that root sees more. */
function hiddenLine(hidden: number | undefined, { reasons }: NotSeenDocument): string[] {
  if (hidden === undefined) return [];
  const elsewhere = reasons.some(({ reason }) => reason === enteringTakesRoot) ? ', and other network namespaces' : '';
  const what = hidden === 0 ? 'not seen: ' : `not shown: ${counted(hidden, 'socket')} of `;
  return [`${what}processes that only root may look into${elsewhere} (sudo peerpid scan)`];
}

/** What remains to be told where one line tells of the processes of others. */
function withoutOthers(notSeen: NotSeenDocument): NotSeenDocument {
  const reasons = notSeen.reasons.filter(
    ({ fact, reason }) =>
      reason !== enteringTakesRoot && (fact !== 'holders' || (reason !== othersTakeRoot && reason !== othersHidden)),
  );
  return { ...notSeen, processes: [], hidden: false, withoutHolder: 0, reasons };
}

/** How many are deceived; nothing where every PID may be believed. */
function deceivedLine(
  verdicts: ScanDocument['summary']['verdicts'],
  deceived: ScanDocument['summary']['deceived'],
): string[] {
  const number = Object.values(deceived).reduce((sum, one) => sum + one, 0);
  if (number > 0) return [`deceived by them: the holders of ${counted(number, 'socket')}`];
  const doubtful = verdictsByGravity.some((verdict) => gravity[verdict] < gravity.pinned && verdict in verdicts);
  return doubtful ? ['deceived by them: nobody who is known to rely on them'] : [];
}

function inFlightLine({ descriptors, comm, pid, fd }: InFlightDocument): string {
  return `in flight: ${counted(descriptors, 'descriptor')}, of any kind, in the queue of ${processName({ comm, pid })} (fd ${fd})`;
}

/** A line for each kind of thing that a scan could not see, so that nobody takes a part for the whole; and for each why. */
export function notSeenLines(notSeen: NotSeenDocument, namespaces: readonly NetworkNamespaceDocument[]): string[] {
  const { processes, hidden, allProcesses, withoutHolder, inFlight, cut, notAsked, withoutNamespace } = notSeen;
  const { withoutOtherEnd = 0, unlisted = [], reasons } = notSeen;
  const lines: string[] = [];
  if (processes.length > 0) {
    lines.push(
      `not seen: the descriptors of ${counted(processes.length, 'process', 'processes')}: ${fewOf(processes, processName).join(', ')}`,
    );
  } else if (allProcesses) lines.push('not seen: any process');
  else if (hidden) lines.push('not seen: the processes of other users');
  if (withoutHolder > 0) {
    // Where others may not be seen, one of them may be the holder: the reasons below tell
    const others = processes.length > 0 || hidden || allProcesses || cut !== undefined;
    const where = others ? '' : `: ${whereElse}`;
    lines.push(`no holder was seen of ${counted(withoutHolder, 'socket')} (?)${where}`);
  }
  lines.push(...fewOf(inFlight ?? [], inFlightLine));
  if (cut !== undefined) {
    lines.push(
      `not looked at: threads or io_uring instances of ${counted(cut, 'process', 'processes')} that have too many`,
    );
  }
  if (notAsked > 0)
    lines.push(
      `${counted(notAsked, 'socket')} could not be asked for ${notAsked === 1 ? 'its credential' : 'their credentials'}`,
    );
  if (withoutOtherEnd > 0) {
    lines.push(
      `no other end was seen of ${counted(withoutOtherEnd, 'socket')} (?): ${withoutOtherEnd === 1 ? 'it waits' : 'they wait'} to be accepted, by a listener in a network namespace that was not looked into, or with more clients than the kernel names; or that end was made in the meantime`,
    );
  }
  const unlooked = namespaces.filter(({ listed }) => !listed);
  const refused = unlooked.filter((namespace) => namespace.refused !== undefined).length;
  if (unlooked.length > refused) {
    lines.push(`not looked into: ${counted(unlooked.length - refused, 'other network namespace')} (--own-namespace)`);
  }
  const others = reasons.filter(({ fact }) => fact !== 'networkNamespaces');
  const ofNamespaces = reasons.filter(({ fact }) => fact === 'networkNamespaces');
  // A reason that other facts are missing for, too, is said once, with all of them
  const isShared = ofNamespaces.every(({ reason }) => others.some((other) => other.reason === reason));
  lines.push(
    ...notEnteredLine(refused, withoutNamespace.processes, ofNamespaces, isShared),
    ...unlistedLines(unlisted),
  );
  return [...lines, ...whyLines(isShared ? reasons : others)];
}

/** One line, as those who are not root have it each time. */
function notEnteredLine(
  refused: number,
  processes: number,
  why: NotSeenDocument['reasons'],
  isSaidBelow: boolean,
): string[] {
  if (why.length === 0) return [];
  const what = [
    ...(refused > 0 ? [counted(refused, 'other network namespace')] : []),
    ...(processes > 0 ? [`the network namespaces of ${counted(processes, 'process', 'processes')}`] : []),
  ];
  const line = `could not be looked into: ${what.join(', and ') || 'other network namespaces'}`;
  return [isSaidBelow ? line : `${line}: ${why.map(({ reason }) => reason).join('; ')}`];
}

/** A line for each reason for which sockets are in no list, with who has them open. */
function unlistedLines(unlisted: readonly UnlistedDocument[]): string[] {
  return [...groupsBy(unlisted, ({ reason }) => reason)].map(([reason, sockets]) => {
    const holders = [...groupsBy(sockets, ({ pid }) => pid).values()];
    const held = fewOf(holders, (ofOne) => {
      const fds = fewOf(ofOne, ({ fd }) => String(fd)).join(', ');
      return ofOne[0] === undefined ? '' : `${processName(ofOne[0])} (fd ${fds})`;
    });
    return `in no list: ${counted(sockets.length, 'socket')} of ${held.join(', ')}: ${reason}`;
  });
}

function groupsBy<T, K>(all: readonly T[], keyOf: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/** A line for each reason, with all that is missing for it. */
function whyLines(reasons: NotSeenDocument['reasons']): string[] {
  const byReason = [...groupsBy(reasons, ({ reason }) => reason)];
  return fewOf(byReason, ([reason, those]) => {
    const lacks = new Set(those.map(({ fact }) => lacking[fact]));
    return `why ${[...lacks].join(' and ')}: ${reason}`;
  });
}

const lacking: Readonly<Record<NotSeenFact, string>> = {
  holders: 'no holder',
  credentials: 'no credential',
  pidfds: 'no pidfd',
  files: 'no file',
  networkNamespaces: 'no look into network namespaces',
  inFlight: 'not all in flight',
  names: 'no name',
};
