import type { UnixAddress } from '../../native-probe/unix-address.js';
import { withSubject } from '../../native-probe/syscall-error.js';
import { bind, listen, openBlockingSocket } from '../../native-probe/unix-socket.js';
import type { RaceDocument } from '../document/race-document.js';
import { exitStatuses, Problem } from '../words/problem.js';
import { playRound, type Round, type Stage, type RoundDetail } from './round.js';
import { NumberTaker } from './taking.js';
import { Tally } from './tally.js';
import { waysToNamespaces } from './ways-to-namespaces.js';

/** What is to be played. */
export interface RaceOptions {
  readonly rounds: number;
  readonly explain: boolean;
  readonly userNamespace: boolean;
}

/** In the network namespace of the stage, in which no other process lives. */
const address: UnixAddress = { kind: 'abstract', name: Buffer.from('service') };

/** Rounds in a row in which another got the number: nobody else is on the stage, but Node.js may start a thread. */
const mostMisses = 10;

/**
 * Plays the rounds, in a PID namespace in which we are alone.
 *
 * @param tell - called with the number of rounds played
 * @throws Problem when no process can be started with a chosen number; SyscallError
 */
export function race({ rounds, explain, userNamespace }: RaceOptions, tell: (played: number) => void): RaceDocument {
  using listener = openBlockingSocket('stream');
  withSubject('@service', () => {
    bind(listener, address);
    listen(listener, 1);
  });
  const taker = new NumberTaker();
  const stage: Stage = { listener, taker };
  const tally = new Tally();
  let missed = 0;
  const play = (telling: RoundDetail): Round => {
    for (let misses = 0; misses < mostMisses; misses++) {
      const round = playRound(stage, telling);
      if (round !== undefined) return round;
      missed++;
    }
    throw notTaken(taker);
  };
  for (let played = 1; played < rounds; played++) {
    tally.add(play('counted'));
    tell(played);
  }
  const last = play(explain ? 'explained' : 'told');
  tally.add(last);
  if (last.exchange === undefined) throw new Error('the last round was not reported');
  const { methods, verdicts } = tally;
  const given = methods.find(({ id }) => id === 'peer-pidfd');
  const shown = [given?.inTime, given?.tooLate].every((count) => count?.tried === rounds && count.fooled === 0);
  return { rounds, takenBy: taker.by, missed, userNamespace, exchange: last.exchange, methods, verdicts, shown };
}

function notTaken({ by }: NumberTaker): Problem {
  if (by === 'ns_last_pid') {
    return new Problem(
      'NUMBER_TAKEN',
      'another process got the PID first, again and again',
      'Nothing else should run in a PID namespace that was only just made: try again.',
    );
  }
  return new Problem(
    'NUMBER_REFUSED',
    'the kernel does not let us choose the PID of a new process: ns_last_pid cannot be written, and clone3(2) does not take set_tid',
    waysToNamespaces(),
    exitStatuses.notPossibleHere,
  );
}
