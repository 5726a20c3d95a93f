import { processesIn, type ProcessOf } from '../../connections/connection-facts.js';
import type { Connection } from '../../connections/connections.js';
import type { Names } from '../../document/names.js';
import type { ProcessDocument } from '../../document/process-document.js';
import type { ProcessBrief, ScanDocument, ScannedSocketDocument } from '../../document/scan-document.js';
import type { HolderDocument } from '../../document/socket-document.js';
import { safe } from '../safe.js';
import { containerText, idText, stateText, unitText } from '../who.js';
import { type NamespaceNames, namespaceNames } from './scan-columns.js';

type Row = ScannedSocketDocument;
type End = 'service' | 'client';

/** Where somebody belongs: of the first that there is a frame is drawn. */
export interface Frame {
  readonly kind: 'container' | 'namespace' | 'unit';
  /** `docker f75aff467357`, `network namespace blue`, `postgresql.service`. */
  readonly text: string;
  /** What all of its sort are called: the runtime of a container. */
  readonly sort: string;
}

/** Who is at an end of a connection: a process, one that has ended, or one that was not seen. All text is sanitised. */
export interface Actor {
  /** As DOT has it, where each is drawn. */
  readonly id: string;
  readonly kind: 'process' | 'ended' | 'unseen';
  /** The command; of one that has ended or was not seen what stands for it. */
  readonly program: string;
  readonly pid: number | undefined;
  readonly user: string | undefined;
  /** What keeps it, or how it ended. */
  readonly state: string | undefined;
  readonly frame: Frame | undefined;
  /** The unit below that of a user's systemd. */
  readonly userUnit: string | undefined;
  /** Whether it has what clients connected to: two programs may have one name, such as that of an interpreter. */
  serves: boolean;
}

/** Finds who is at the ends of connections, each of them once. */
export class Actors {
  readonly #known = new Map<string, Actor>();
  readonly #processOf: ProcessOf;
  readonly #namespaces: NamespaceNames;

  constructor(
    document: Pick<ScanDocument, 'processes' | 'networkNamespaces'>,
    private readonly names: Names,
  ) {
    this.#processOf = processesIn(document);
    this.#namespaces = namespaceNames(document.networkNamespaces);
  }

  /** Who has an end open: several may. Where the list has not that end, what was recorded at the other one tells who had it. */
  ofEnd(end: End, connection: Connection): readonly Actor[] {
    const row = connection[end];
    const other = connection[end === 'client' ? 'service' : 'client'];
    if (row !== undefined) {
      const holders = row.holders.map((holder) => this.#process(holder));
      return holders.length === 0 ? [this.#unseen(end, row, other)] : [...new Set(holders)];
    }
    const { byPidfd, credential, verdict } = other ?? {};
    const hasEnded = byPidfd?.state === 'exited' || verdict === 'exited' || verdict === 'recycled';
    if (other !== undefined && hasEnded) return [this.#ended(byPidfd ?? undefined, credential?.pid, other)];
    if (byPidfd?.pid !== undefined && byPidfd.pid > 0) return [this.#process({ ...byPidfd, pid: byPidfd.pid })];
    return [this.#unseen(end, undefined, other)];
  }

  #process(holder: Pick<HolderDocument, 'pid' | 'pidfdId' | 'comm'>): Actor {
    const { pid, pidfdId, comm } = holder;
    const id = `process ${pid}${pidfdId === undefined ? '' : `/${pidfdId}`}`;
    return this.#actor(id, () => {
      const known = this.#processOf(holder);
      const uid = known?.uids?.effective;
      return {
        ...{ id, kind: 'process', pid },
        program: safe(comm ?? known?.comm ?? '?'),
        user: uid === undefined ? undefined : idText(uid, this.names.user(uid)),
        state: known?.state === 'zombie' || known?.activity ? stateText(known) : undefined,
        frame: this.#frameOf(known),
        userUnit: known?.userUnit && !known.container ? safe(known.userUnit) : undefined,
        serves: false,
      };
    });
  }

  /** Without its id nobody can say whether it is the one that another end had: then it is one for each end. */
  #ended(process: ProcessBrief | undefined, pid: number | undefined, other: Row): Actor {
    return this.#actor(`ended ${process?.pidfdId ?? `of ${other.inode}`}`, (number) => ({
      ...{ id: `ended ${number}`, kind: 'ended', pid: pid === 0 ? undefined : pid },
      program: pid === undefined || pid === 0 ? 'a process' : `was PID ${pid}`,
      user: undefined,
      state: process === undefined ? 'has ended' : stateText(process),
      frame: frameOf(process),
      ...{ userUnit: undefined, serves: false },
    }));
  }

  /** One for each address, or for what is known of the other end: they may be one process or several. */
  #unseen(end: End, row: Row | undefined, other: Row | undefined): Actor {
    const { address, type, owner, networkNamespace } = row ?? {};
    const beside = other?.address ?? other?.holders.map(({ pid }) => pid).join(' ') ?? '';
    const name = address === undefined ? `${end} beside ${beside}` : `at ${address}`;
    return this.#actor(`unseen ${type ?? ''} ${networkNamespace ?? ''} ${owner?.id ?? ''} ${name}`, (number) => ({
      ...{ id: `unseen ${number}`, kind: 'unseen', program: '?', pid: undefined },
      user: owner === undefined ? undefined : idText(owner.id, owner.name),
      ...{ state: undefined, frame: undefined, userUnit: undefined, serves: false },
    }));
  }

  #frameOf(process: ProcessDocument | undefined): Frame | undefined {
    if (process?.container) return frameOf(process);
    const name = this.#namespaces.get(process?.namespaces?.net ?? 0);
    if (name === undefined || name === 'own') return frameOf(process);
    return { kind: 'namespace', text: `network namespace ${name}`, sort: 'network namespaces' };
  }

  #actor(key: string, make: (number: number) => Actor): Actor {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const actor = make(this.#known.size);
    this.#known.set(key, actor);
    return actor;
  }
}

function frameOf(process: Pick<ProcessBrief, 'container' | 'unit'> | undefined): Frame | undefined {
  if (process === undefined) return undefined;
  const { container, unit } = process;
  if (container) return { kind: 'container', text: containerText(container), sort: safe(container.runtime) };
  const text = unitText({ unit: unit ?? null, userUnit: null });
  return text === undefined ? undefined : { kind: 'unit', text, sort: 'units' };
}
