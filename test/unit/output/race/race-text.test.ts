import assert from 'node:assert/strict';

import { raceExitStatus } from '../../../../src/cli/exit-status.js';
import type { MethodDocument, RaceDocument } from '../../../../src/document/race-document.js';
import { raceText } from '../../../../src/output/race/race-text.js';
import { plain } from '../../../../src/output/style.js';
import { context } from '../../../helpers/document.js';

const never = { fooled: 0, tried: 1 };
const always = { fooled: 1, tried: 1 };

const methods: readonly MethodDocument[] = [
  { id: 'pid', recognised: 1, inTime: always, tooLate: always },
  { id: 'start-time', recognised: 1, inTime: never, tooLate: always },
  { id: 'pidfd-open', recognised: 1, inTime: never, tooLate: always },
  { id: 'peer-pidfd', recognised: 1, inTime: never, tooLate: never },
  { id: 'verdict', recognised: 1, inTime: never, tooLate: never },
];

/** A race as Linux 6.5 to 6.8 tell it: no pidfd of a peer that is reaped, and no pidfd ids. */
function raced(changes: Partial<RaceDocument> = {}): RaceDocument {
  const { document } = context();
  return {
    rounds: 1,
    takenBy: 'ns_last_pid',
    missed: 0,
    userNamespace: true,
    exchange: {
      pid: 42,
      client: { startTicks: 100_000 },
      impostor: { startTicks: 100_003 },
      inspection: {
        ...document,
        byPid: { pid: 42, state: 'running', exitStatus: null, comm: 'a\x1b[2Jb' },
        byPidfd: null,
        verdict: 'recycled',
        basis: 'refusal',
        unavailable: [{ fact: 'byPidfd', reason: 'getsockopt(SO_PEERPIDFD): EINVAL', code: 'EINVAL' }],
      },
    },
    methods,
    verdicts: { recycled: 1 },
    shown: true,
    ...changes,
  };
}

describe('the text of a race', () => {
  it('takes a refusal for an answer, where it is one', () => {
    const text = raceText(raced(), plain);
    assert.match(text, /\n {2}SO_PEERPIDFD +refused \(EINVAL\), since the process has ended\n/);
    assert.match(text, /\n {2}4 {2}An impostor gets the PID\. +PID 42, by ns_last_pid\n/);
    assert.match(text, /\n {2}pidfd_open\(42\) +running\n/);
    assert.match(text, /\n {2}start time of PID 42 +1000\.03 s after boot, not 1000\.00 s\n/);
    assert.equal(raceExitStatus(raced()), 0);
  });

  it('lets no command of another process at the terminal', () => {
    assert.match(raceText(raced(), plain), /\n {2}command of PID 42 +a\\x1b\[2Jb\n/);
  });

  it('says when both started within the same clock tick', () => {
    const same = { startTicks: 100_000 };
    const exchange = { ...raced().exchange, client: same, impostor: same };
    const deceived = methods.map((method) => (method.id === 'start-time' ? { ...method, inTime: always } : method));
    const text = raceText(raced({ exchange, methods: deceived }), plain);
    assert.match(text, /\n {2}start time of PID 42 +1000\.00 s after boot, as before\n/);
    assert.match(text, /\nThey started within the same 1\/100 s/);
  });

  it('hides no pidfd that was deceived, nor a verdict that was wrong: both are status 3', () => {
    const deceived = methods.map((method) => (method.id === 'peer-pidfd' ? { ...method, tooLate: always } : method));
    const wrong = raced({ methods: deceived, shown: false });
    assert.match(raceText(wrong, plain), /A pidfd was taken for the impostor.* please report it\.\n$/);
    assert.equal(raceExitStatus(wrong), 3);
    assert.equal(raceExitStatus(raced({ verdicts: { recycled: 9, pinned: 1 } })), 3);
  });

  it('says of a method that believes nobody that it is of no use', () => {
    const useless = methods.map((method) => (method.id === 'verdict' ? { ...method, recognised: 0 } : method));
    assert.match(raceText(raced({ methods: useless }), plain), /\nBy verdict of peerpid the client was not recognised/);
    assert.doesNotMatch(raceText(raced(), plain), /not recognised/);
  });

  it('counts each verdict', () => {
    const text = raceText(raced({ rounds: 10, verdicts: { exited: 1, recycled: 9 } }), plain);
    assert.match(text, /\nRECYCLED {2}In 9 of 10 rounds, exited in 1\. In the last, /);
  });
});
