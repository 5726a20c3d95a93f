import { type Ourselves, ourselves } from '../identity/ourselves.js';
import type { ProcessReference } from '../identity/pinned-process.js';
import { type Holders, holdersOf } from '../socket/holders.js';
import type { PeerSocket, RecordingCall, SocketFacts } from '../socket/socket-facts.js';
import type { Finding } from '../verdict/finding.js';
import { findingsOf } from '../verdict/findings.js';
import { judge, type Judgement, sentenceOf } from '../verdict/verdict.js';
import type { Step, Witness } from '../words/evidence.js';
import { type Reading, valueOf } from '../words/reading.js';
import { inspectPeer, noPeer, type PeerFacts } from './inspect.js';

/** Everything that is told of one socket and its peer. */
export interface Report {
  readonly socket: SocketFacts;
  readonly recordedBy: RecordingCall;
  readonly peer: PeerFacts;
  readonly judgement: Judgement;
  /** The verdict in words. */
  readonly sentence: string;
  /** Undefined when nobody looked for them. */
  readonly holders: Reading<Holders> | undefined;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Step[];
  readonly ourselves: Ourselves;
}

/** A report, and the pin under which it was made. */
export interface PinnedReport extends Disposable {
  readonly report: Report;
  readonly pin: ProcessReference | undefined;
}

/** Inspects the peer of an opened socket, and concludes. */
export function reportOn(opened: PeerSocket, witness: Witness, options: { holders: boolean }): PinnedReport {
  const { socket } = opened;
  const inspection = socket === undefined ? noPeer : inspectPeer(socket, witness);
  try {
    const peer = inspection.facts;
    const { recordedBy } = opened;
    const holders = options.holders ? findHolders(opened, witness) : undefined;
    const judgement = judge(peer);
    const us = ourselves();
    return {
      report: {
        socket: opened.facts,
        recordedBy,
        peer,
        judgement,
        sentence: sentenceOf(judgement, peer, recordedBy, opened.facts.type),
        holders,
        findings: findingsOf({ peer, recordedBy, holders, ourselves: us, asks: valueOf(opened.facts.asks) }),
        evidence: witness.steps,
        ourselves: us,
      },
      pin: inspection.pin,
      [Symbol.dispose]: () => {
        inspection[Symbol.dispose]();
      },
    };
  } catch (error) {
    inspection[Symbol.dispose]();
    throw error;
  }
}

function findHolders({ holders, socket, otherEnd }: PeerSocket, witness: Witness): Reading<Holders> | undefined {
  return holders ?? (socket && holdersOf(otherEnd(), socket, witness));
}
