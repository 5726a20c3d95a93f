import type { CallingChild } from '../../native-probe/calls/calling-child.js';
import { ConnectedChild } from '../../native-probe/children/child-client.js';
import type { Fd } from '../../native-probe/fd.js';
import { pidfdId } from '../../native-probe/pidfd.js';
import { describeInspection } from '../document/describe-inspection.js';
import { SystemNames } from '../document/names.js';
import type { ExchangeDocument, MethodId, RacerDocument } from '../document/race-document.js';
import type { Verdict } from '../verdict/verdict.js';
import { Witness } from '../words/evidence.js';
import { type Reading, valueOf } from '../words/reading.js';
import { type Look, lookAt } from './look.js';
import { methods } from './methods.js';
import type { NumberTaker } from './taking.js';

/** What one method said: first of the living client, then of the impostor that has the client's number. */
export interface Answer {
  readonly id: MethodId;
  /** Whether the living client was known again. */
  readonly recognised: Reading<boolean>;
  /** Whether a service that looked while the client was alive takes the impostor for the client. */
  readonly inTime: Reading<boolean>;
  /** The same of a service that looked only when the impostor had the number. */
  readonly tooLate: Reading<boolean>;
}

/** What came of one round. */
export interface Round {
  readonly answers: readonly Answer[];
  readonly verdict: Verdict;
  /** Undefined where the round was only counted. */
  readonly exchange: ExchangeDocument | undefined;
}

/** What a round needs of its stage. */
export interface Stage {
  /** The listening socket of the service, a blocking one. */
  readonly listener: Fd;
  readonly taker: NumberTaker;
}

/** How much of a round is kept: its counts, its exchange too, or its exchange with peerpid's evidence. */
export type RoundDetail = 'counted' | 'told' | 'explained';

/**
 * A client connects and ends, and an impostor gets its number. One service
 * looked at the client in time, another looks now, and both are asked whether
 * they take the impostor for the client.
 *
 * @returns undefined when another process got the number
 */
export function playRound({ listener, taker }: Stage, telling: RoundDetail): Round | undefined {
  using client = ConnectedChild.connect({ name: 'client' }, listener);
  using inTime = lookAt(client.accepted, Witness.silent());
  const recognised = methods.map(({ accepts }) => accepts(inTime));
  client.client.end();
  using impostor = taker.take(client.child.pid) ?? null;
  if (impostor === null) return undefined;
  using tooLate = lookAt(client.accepted, telling === 'explained' ? Witness.recording() : Witness.silent());
  const answers = methods.map(({ id, accepts }, index) => ({
    id,
    recognised: recognised[index] ?? { value: false },
    inTime: accepts(inTime),
    tooLate: accepts(tooLate),
  }));
  const { facts: inspection } = tooLate.inspected;
  return {
    answers,
    verdict: inspection.judgement.verdict,
    exchange: telling === 'counted' ? undefined : exchangeOf(client, impostor, inTime, tooLate),
  };
}

function exchangeOf(client: ConnectedChild, impostor: CallingChild, inTime: Look, tooLate: Look): ExchangeDocument {
  return {
    pid: impostor.pid,
    client: racer(client.child, inTime),
    impostor: racer(impostor, tooLate),
    inspection: describeInspection(tooLate.inspected.facts, new SystemNames()),
  };
}

/** The pidfd id is read from the pidfd that came with starting the child, so no method's answer plays a part. */
function racer({ pidfd }: CallingChild, { startTicks }: Look): RacerDocument {
  const id = pidfdId(pidfd);
  const ticks = valueOf(startTicks);
  return { ...(id !== undefined && { pidfdId: Number(id) }), ...(ticks !== undefined && { startTicks: ticks }) };
}
