import type { Connection } from '../../connections/connections.js';
import { isDoubtful, verdictThatCounts } from '../../connections/doubt.js';
import type { Names } from '../../document/names.js';
import type { ProcessDocument } from '../../document/process-document.js';
import type { ProcessBrief, ScanDocument, ScannedSocketDocument } from '../../document/scan-document.js';
import type { HolderDocument } from '../../document/socket-document.js';
import { mostNamed } from '../../words/few.js';
import { containerText, idText, placesOf, processName, stateText } from '../who.js';
import { type NamespaceNames, namespaceNames } from './scan-columns.js';

type Row = ScannedSocketDocument;
type End = 'service' | 'client';

/** One node of the graph: a process, one that has ended, one that was not seen, or several that share an end. */
export interface GraphNode {
  /** As DOT has it. */
  readonly id: string;
  readonly kind: 'process' | 'ended' | 'unseen' | 'shared';
  readonly lines: readonly string[];
  /** The container, or the network namespace, that it is drawn in. */
  readonly cluster?: string | undefined;
  /** What it listens or receives on, and how often. */
  readonly listens: Map<string, number>;
  /** Whether a listener of it deceives. */
  deceives: boolean;
}

/** The nodes of a graph, each of them once. */
export class GraphNodes {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #shares: [shared: GraphNode, holder: GraphNode][] = [];
  readonly #processes: ReadonlyMap<number | undefined, ProcessDocument>;
  readonly #namespaces: NamespaceNames;

  constructor(
    { processes, networkNamespaces }: Pick<ScanDocument, 'processes' | 'networkNamespaces'>,
    private readonly names: Names,
  ) {
    this.#processes = new Map(processes.map((process) => [process.pidfdId, process]));
    this.#namespaces = namespaceNames(networkNamespaces);
  }

  get all(): readonly GraphNode[] {
    return [...this.#nodes.values()];
  }

  /** Which processes have an end open that several share. */
  get shares(): readonly (readonly [shared: GraphNode, holder: GraphNode])[] {
    return this.#shares;
  }

  /** Notes at the processes that have it open what a listener or receiver is bound to. */
  addListener({ service, kind }: Connection): void {
    if (service === undefined) return;
    const doubt = isDoubtful(service) ? ` (${verdictThatCounts(service) ?? ''})` : '';
    const text = `${kind === 'receiver' ? 'receives' : 'listens'}: ${service.address ?? service.type}${doubt}`;
    for (const node of this.#listeners(service)) {
      node.listens.set(text, (node.listens.get(text) ?? 0) + 1);
      node.deceives ||= service.deceives === true;
    }
  }

  /** Who has it open; where too many share it to note it at each of them, what stands for them together. */
  #listeners(service: Row): GraphNode[] {
    const { holders } = service;
    const isOne = holders.length === 0 || holders.length > mostNamed;
    return isOne ? [this.#ofHolders('service', service, undefined)] : holders.map((holder) => this.#process(holder));
  }

  /** Who has an end open. Where the list has not that end, what was recorded at the other one tells who had it. */
  ofEnd(end: End, connection: Connection): GraphNode {
    const row = connection[end];
    const other = connection[end === 'client' ? 'service' : 'client'];
    if (row !== undefined) return this.#ofHolders(end, row, other);
    const { byPidfd, credential, verdict } = other ?? {};
    const hasEnded = byPidfd?.state === 'exited' || verdict === 'exited' || verdict === 'recycled';
    if (other !== undefined && hasEnded) return this.#ended(byPidfd ?? undefined, credential?.pid, other);
    if (byPidfd?.pid !== undefined && byPidfd.pid > 0) return this.#process({ ...byPidfd, pid: byPidfd.pid });
    return this.#unseen(end, undefined, other);
  }

  #ofHolders(end: End, row: Row, other: Row | undefined): GraphNode {
    const { holders } = row;
    const [first, second] = holders;
    if (first === undefined) return this.#unseen(end, row, other);
    if (second === undefined) return this.#process(first);
    const drawn = holders.slice(0, mostNamed).map((holder) => this.#process(holder));
    return this.#node(`shared ${holders.map(idOf).join(' ')}`, (number) => {
      const most = holders.length > drawn.length ? [`lines to ${drawn.length} of them`] : [];
      const node = plain(`shared ${number}`, 'shared', [`${holders.length} processes share it`, ...most]);
      this.#shares.push(...drawn.map((holder) => [node, holder] as [GraphNode, GraphNode]));
      return node;
    });
  }

  #process({ pid, pidfdId, comm }: Pick<HolderDocument, 'pid' | 'pidfdId' | 'comm'>): GraphNode {
    const id = idOf({ pid, pidfdId });
    return this.#node(id, () => {
      const known = pidfdId === undefined ? undefined : this.#processes.get(pidfdId);
      const uid = known?.uids?.effective;
      const user = uid === undefined ? [] : [idText(uid, this.names.user(uid))];
      const state = known?.state === 'zombie' || known?.activity ? [stateText(known)] : [];
      const lines = [
        processName({ ...known, pid, ...(comm !== undefined && { comm }) }),
        ...user,
        ...state,
        ...(known ? placesOf(known) : []),
      ];
      return { ...plain(id, 'process', lines), cluster: containerOf(known) ?? this.#namespaceOf(known) };
    });
  }

  /** Without its id nobody can say whether it is the one that another end had: then it is one for each end. */
  #ended(process: ProcessBrief | undefined, pid: number | undefined, other: Row): GraphNode {
    return this.#node(`ended ${process?.pidfdId ?? `of ${other.inode}`}`, (number) => {
      const was = pid === undefined || pid === 0 ? 'a process' : `was PID ${pid}`;
      const state = process === undefined ? 'has ended' : stateText(process);
      const node = plain(`ended ${number}`, 'ended', [was, state, ...(process ? placesOf(process) : [])]);
      return { ...node, cluster: containerOf(process) };
    });
  }

  /** One for each address, or for what is known of the other end: they may be one process or several. */
  #unseen(end: End, row: Row | undefined, other: Row | undefined): GraphNode {
    const { address, type, owner, networkNamespace } = row ?? {};
    const beside = other?.address ?? other?.holders.map(({ pid }) => pid).join(' ') ?? '';
    const name = address === undefined ? `${end} beside ${beside}` : `at ${address}`;
    return this.#node(`unseen ${type ?? ''} ${networkNamespace ?? ''} ${owner?.id ?? ''} ${name}`, (number) =>
      plain(`unseen ${number}`, 'unseen', ['?', ...(owner === undefined ? [] : [idText(owner.id, owner.name)])]),
    );
  }

  #namespaceOf(process: ProcessDocument | undefined): string | undefined {
    const name = this.#namespaces.get(process?.namespaces?.net ?? 0);
    return name === undefined || name === 'own' ? undefined : `network namespace ${name}`;
  }

  #node(key: string, make: (number: number) => GraphNode): GraphNode {
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const node = make(this.#nodes.size);
    this.#nodes.set(key, node);
    return node;
  }
}

function idOf({ pid, pidfdId }: { readonly pid: number; readonly pidfdId?: number | undefined }): string {
  return `process ${pid}${pidfdId === undefined ? '' : `/${pidfdId}`}`;
}

function plain(id: string, kind: GraphNode['kind'], lines: readonly string[]): GraphNode {
  return { id, kind, lines, listens: new Map(), deceives: false };
}

function containerOf(process: ProcessBrief | undefined): string | undefined {
  return process?.container ? containerText(process.container) : undefined;
}
