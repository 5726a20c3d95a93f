import { goesOn } from '../../native-probe/going-on.js';
import type { Asking } from '../../native-probe/survey.js';
import { summaryOf } from '../connections/summary.js';
import type { Names } from '../document/names.js';
import type { ScanDocument, ScannedSocketDocument, SourceDocument } from '../document/scan-document.js';
import { type ProcBrief, type ProcRequest, readBrief, readInFullOfMany } from '../identity/proc-facts.js';
import { Witness } from '../words/evidence.js';
import { valueOf } from '../words/reading.js';
import { Audit, type Audited } from './audit.js';
import { describeScannedSocket } from './describe-scanned-socket.js';
import { DescribedConclusions } from './described-conclusions.js';
import { narrow, type Narrowed, type Narrowing } from './narrowing.js';
import { NetworkNamespaces } from './network-namespaces.js';
import { describeNotSeen, whyNoHolder } from './not-seen.js';
import { ProcessCatalogue } from './process-catalogue.js';
import { RepeatedTexts } from './repeated-texts.js';
import { socketEvidence } from './socket-evidence.js';
import { askChosen } from './survey/ask-chosen.js';
import {
  findHolders,
  type FoundSocket,
  type FoundSockets,
  type ListedSocket,
  type Progress,
} from './survey/found-sockets.js';
import { openSource, type SourceRequest, type SurveySource } from './survey/survey-source.js';
import { surveyUnderWay } from './survey/survey-threads.js';

/** How a scan is done. */
export interface ScanOptions {
  /** To ask each socket, on a duplicate, who is at its other end. */
  readonly audit: boolean;
  /** To ask for groups and security labels, too. */
  readonly details: boolean;
  readonly explain: boolean;
  /**
   * Which processes are to be described: those that are peers, or each that has a socket open too. None without it,
   * as the rows have what they tell of a process.
   */
  readonly processes?: 'peers' | 'holders' | undefined;
  /** To look into no network namespace but our own. Others take root. */
  readonly ownNamespace: boolean;
  /** Without it /proc is walked. */
  readonly source?: SourceRequest | undefined;
  /** Called now and then with how far the scan is. */
  readonly progress?: Progress | undefined;
}

/** Looks at every AF_UNIX socket that may be seen. @throws SyscallError when the kernel's list cannot be had */
export function scan(options: ScanOptions, names: Names): ScanDocument {
  using source = openSource(options.source ?? walkOnly);
  const namespaces = new NetworkNamespaces();
  return conclude(find(namespaces, options, source), namespaces, { ...options, by: source.document }, names);
}

/** The kernel's list at one moment, to be scanned in part. */
export interface Snapshot {
  readonly namespaces: NetworkNamespaces;
  /** The sockets of our network namespace, and of those that may be entered. */
  readonly listed: readonly ListedSocket[];
}

/** @param ownNamespace - to list no network namespace but our own @throws SyscallError when the kernel's list cannot be had */
export function takeSnapshot(ownNamespace: boolean): Snapshot {
  const namespaces = new NetworkNamespaces();
  const own = namespaces.listOwn();
  if (ownNamespace) return { namespaces, listed: own };
  namespaces.find();
  return { namespaces, listed: [...own, ...namespaces.listOthers()] };
}

/** As {@link scan}, but of some sockets of a snapshot only. */
export function scanSome(
  chosen: readonly ListedSocket[],
  { namespaces }: Snapshot,
  options: ScanOptions,
  names: Names,
): ScanDocument {
  const found = findHolders(chosen, { asking: askingOf(options), unlisted: false });
  return conclude(found, namespaces, { ...options, by: walked }, names);
}

/** A scan in which only some sockets were asked. */
export interface NarrowedScan {
  /** Has a row for every socket: of those that were not asked with no more than is known without. */
  readonly document: ScanDocument;
  /** The inode numbers of those that were asked: with each wanted connection both its ends. */
  readonly asked: ReadonlySet<number>;
}

/**
 * As {@link scan}, but asks only the sockets of wanted connections, and looks only at the processes that have these: their
 * rows are the same.
 *
 * @throws SyscallError when the kernel's list cannot be had
 */
export function scanNarrowed(narrowing: Narrowing, options: ScanOptions, names: Names): NarrowedScan {
  using source = openSource(options.source ?? walkOnly);
  const namespaces = new NetworkNamespaces();
  const found = find(namespaces, { ...options, audit: false }, source);
  const narrowed = narrow(found, narrowing);
  const answered = options.audit ? askChosen(found, narrowed.wanted, askingOf(options)) : found;
  const document = conclude(answered, namespaces, { ...options, by: source.document }, names, narrowed);
  return { document, asked: narrowed.wanted };
}

const walked: SourceDocument = { by: 'proc' };
const walkOnly: SourceRequest = { wanted: 'proc', objects: '' };

function conclude(
  found: FoundSockets,
  namespaces: NetworkNamespaces,
  options: ScanOptions & { readonly by: SourceDocument },
  names: Names,
  narrowed?: Narrowed,
): ScanDocument {
  const isWanted = (inode: number): boolean => narrowed === undefined || narrowed.wanted.has(inode);
  const wanted = [...found.sockets.values()].filter(({ socket }) => isWanted(socket.inode));
  const request: ProcRequest<ProcBrief> = options.details ? readInFullOfMany : readBrief;
  const newWitness = options.explain ? () => Witness.recording() : () => Witness.silent();
  const audit = options.audit ? new Audit(found, request, newWitness) : undefined;
  const processes = new ProcessCatalogue();
  const context = {
    audit: options.audit,
    evidence: options.explain ? socketEvidence : undefined,
    sockets: found.sockets,
    conclusions: new DescribedConclusions(processes, names),
    texts: new RepeatedTexts(names),
    noHolder: whyNoHolder(found),
  };
  // All are looked at before any is described, so that the list which tells what is still there is younger
  const audited = new Map(audit && wanted.map((socket) => [socket, audit.of(socket)]));
  const isGone = goneSince(options.audit, namespaces);
  const sockets: ScannedSocketDocument[] = [];
  for (const [inode, socket] of found.sockets) {
    const concluded = audited.get(socket);
    goesOn();
    if (isGone(socket, concluded)) continue;
    const row = isWanted(inode) ? undefined : narrowed?.rows.get(inode);
    sockets.push(row ?? describeScannedSocket(socket, concluded, context));
  }
  if (options.processes === 'holders') {
    for (const { holders } of wanted) processes.addHolders(holders, request);
  }
  return {
    sockets,
    processes: options.processes === undefined ? [] : processes.describe(),
    networkNamespaces: namespaces.documents,
    summary: summaryOf(sockets),
    notSeen: describeNotSeen(found, sockets, namespaces, { ...options, isWanted }, names),
    source: options.by,
  };
}

function askingOf({ audit, details }: Pick<ScanOptions, 'audit' | 'details'>): Asking {
  if (!audit) return 'nothing';
  return details ? 'details' : 'peer';
}

function find(namespaces: NetworkNamespaces, options: ScanOptions, { records }: SurveySource): FoundSockets {
  const { ownNamespace, progress } = options;
  const asking = askingOf(options);
  const underWay = records === undefined ? surveyUnderWay() : undefined;
  const own = namespaces.listOwn(underWay?.dump);
  namespaces.find();
  if (ownNamespace) return findHolders(own, { asking, unlisted: false, progress, underWay, records });
  const others = namespaces.listOthers();
  const found = findHolders([...own, ...others], { asking, unlisted: true, progress, underWay, others, records });
  const more = namespaces.listBySockets(found.unlisted);
  if (more.length === 0) return found;
  const kept = findHolders(more, { asking, unlisted: false, progress, records });
  return { ...found, sockets: new Map([...found.sockets, ...kept.sockets]) };
}

/**
 * Whether a socket is gone. A socket without a holder may have been closed
 * between the kernel's list and the look at /proc; so may one that answered, and
 * whose peer could not be looked at afterwards. Only for these the list is made again.
 */
function goneSince(
  isAudit: boolean,
  namespaces: NetworkNamespaces,
): (socket: FoundSocket, audited: Audited | undefined) => boolean {
  return ({ socket, holders, networkNamespace, answers }, audited) => {
    const isDoubtful = holders.length === 0 || (isAudit && audited === undefined && valueOf(answers) !== undefined);
    if (!isDoubtful || networkNamespace === undefined) return false;
    return namespaces.inodesNow(networkNamespace)?.has(socket.inode) === false;
  };
}
