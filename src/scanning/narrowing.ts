import { isConnectedToClosed } from '../../native-probe/diag-socket.js';
import { ConnectionFacts, endsOf } from '../connections/connection-facts.js';
import { connectionsOf } from '../connections/connections.js';
import type { Criterion } from '../connections/criteria.js';
import { noNames } from '../document/names.js';
import type { ScannedSocketDocument } from '../document/scan-document.js';
import { readBrief } from '../identity/proc-facts.js';
import { describeScannedSocket } from './describe-scanned-socket.js';
import { DescribedConclusions } from './described-conclusions.js';
import { holdersAskedFor, ProcessCatalogue } from './process-catalogue.js';
import { RepeatedTexts } from './repeated-texts.js';
import { socketsHeldInHiding } from './survey/ask-chosen.js';
import type { FoundSockets } from './survey/found-sockets.js';

/** Which connections are wanted, by what is known of them before any socket is asked. */
export interface Narrowing {
  readonly wants: Criterion;
  /** Whether that goes by who has an end open. */
  readonly byHolder: boolean;
  readonly userName: (uid: number) => string | undefined;
}

/** What is known of sockets without asking them. */
export interface Narrowed {
  /** The inode numbers of those that are to be asked: with each connection both its ends. */
  readonly wanted: ReadonlySet<number>;
  /** Of each socket, by its inode number. */
  readonly rows: ReadonlyMap<number, ScannedSocketDocument>;
}

/** Finds the sockets of wanted connections, and those of which it is known only once they are asked whether they are. */
export function narrow(found: FoundSockets, { wants, byHolder, userName }: Narrowing): Narrowed {
  const rows = rowsWithoutAudit(found);
  const facts = new ConnectionFacts(holdersAskedFor(readBrief), userName);
  const hidden = byHolder ? socketsHeldInHiding(found) : new Set<number>();
  const mayBe = (inode: number): boolean => {
    const socket = found.sockets.get(inode)?.socket;
    // The socket alone tells what its closed receiver was bound to
    return hidden.has(inode) || (socket !== undefined && isConnectedToClosed(socket));
  };
  const wanted = connectionsOf([...rows.values()]).filter(
    (connection) => endsOf(connection).some(({ inode }) => mayBe(inode)) || wants(connection, facts),
  );
  return { wanted: new Set(wanted.flatMap(endsOf).map(({ inode }) => inode)), rows };
}

function rowsWithoutAudit(found: FoundSockets): ReadonlyMap<number, ScannedSocketDocument> {
  const context = {
    audit: false,
    evidence: undefined,
    sockets: found.sockets,
    conclusions: new DescribedConclusions(new ProcessCatalogue(), noNames),
    texts: new RepeatedTexts(noNames),
    noHolder: '',
  };
  return new Map(
    Array.from(found.sockets, ([inode, socket]) => [inode, describeScannedSocket(socket, undefined, context)]),
  );
}
