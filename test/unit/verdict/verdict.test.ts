import assert from 'node:assert/strict';

import type { PeerFacts } from '../../../src/inspection/inspect.js';
import { sentenceOf } from '../../../src/verdict/sentence.js';
import { type Basis, isBelieved, judge, type Verdict } from '../../../src/verdict/verdict.js';
import { peer, refused, view } from '../../helpers/facts.js';

const nobody = { facts: undefined, opened: refused<bigint | undefined>('ESRCH') };
const somebodyElse = { facts: view({ pidfdId: 8n }), opened: { value: 8n } };
const ended = { value: view({ state: 'exited', pid: undefined, proc: undefined, exitStatus: { code: 0 } }) };
const foreign = { value: view({ pid: 0, proc: undefined }) };
const pidZero = { value: { pid: 0, uid: 0, gid: 0 } };
const noPidfd = refused<ReturnType<typeof view>>('ENOPROTOOPT');
const refusal = refused<ReturnType<typeof view>>('EINVAL');

type Row = readonly [when: string, facts: PeerFacts, verdict: Verdict, basis: Basis, says: RegExp];

const rows: readonly Row[] = [
  ['pidfd alive, same process', peer(), 'pinned', 'pidfd', /^PID 42 is the process that called connect\(2\)/],
  [
    'pidfd of a zombie, same process',
    peer({
      named: { facts: view({ state: 'zombie' }), opened: { value: 7n } },
      pinned: { value: view({ state: 'zombie' }) },
    }),
    'pinned',
    'pidfd',
    /it has ended, but its parent has not waited/,
  ],
  [
    'pidfd ended, nobody has the number',
    peer({ named: nobody, pinned: ended, same: false }),
    'exited',
    'pidfd',
    /nobody has PID 42 now/,
  ],
  [
    'pidfd ended, another has the number',
    peer({ named: somebodyElse, pinned: ended, same: false }),
    'recycled',
    'pidfd',
    /another process/,
  ],
  [
    'pidfd refused as ended, nobody has the number',
    peer({ named: nobody, pinned: refusal, same: false, refusedAsEnded: true }),
    'exited',
    'refusal',
    /has ended/,
  ],
  [
    'pidfd refused as ended, somebody has the number',
    peer({ named: somebodyElse, pinned: refusal, same: false, refusedAsEnded: true }),
    'recycled',
    'refusal',
    /another process/,
  ],
  [
    'pidfd alive, another number',
    peer({ named: somebodyElse, same: false }),
    'contradicted',
    'pidfd',
    /SO_PEERCRED says PID 42, but/,
  ],
  [
    'pidfd alive, a number that nobody has',
    peer({ named: nobody, same: false }),
    'contradicted',
    'pidfd',
    /SO_PEERCRED says PID 42, but/,
  ],
  [
    'a number for a foreign pidfd',
    peer({ named: somebodyElse, pinned: foreign, same: false }),
    'contradicted',
    'pidfd',
    /SO_PEERCRED says PID 42/,
  ],
  [
    'pid 0, the pidfd has a number here',
    peer({ credential: pidZero, named: undefined, same: false }),
    'contradicted',
    'pidfd',
    /SO_PEERCRED says PID 0, but/,
  ],
  [
    'no credential, but a pidfd',
    peer({ credential: { value: undefined }, named: undefined, same: false }),
    'contradicted',
    'pidfd',
    /says that there is no peer, but/,
  ],
  [
    'no credential, but a pidfd of an ended process',
    peer({ credential: { value: undefined }, named: undefined, pinned: ended, same: false }),
    'contradicted',
    'pidfd',
    /no peer/,
  ],
  [
    'pid 0, foreign pidfd alive',
    peer({ credential: pidZero, named: undefined, pinned: foreign, same: false }),
    'foreign',
    'pidfd',
    /the pidfd still shows when it ends\.$/,
  ],
  [
    'pid 0, foreign pidfd ended',
    peer({ credential: pidZero, named: undefined, pinned: ended, same: false }),
    'foreign',
    'pidfd',
    /^PID 0/,
  ],
  [
    'pid 0, no pidfd',
    peer({ credential: pidZero, named: undefined, pinned: noPidfd, same: false }),
    'foreign',
    'credential',
    /no PID here that could be trusted\.$/,
  ],
  [
    'no pidfd: an old kernel',
    peer({ pinned: noPidfd, same: false }),
    'unpinned',
    'credential',
    /no pidfd \(ENOPROTOOPT\)/,
  ],
  [
    'no pidfd: a sandbox',
    peer({ pinned: refused('EPERM'), same: false }),
    'unpinned',
    'credential',
    /no pidfd \(EPERM\)/,
  ],
  ['EINVAL for every socket', peer({ pinned: refusal, same: false }), 'unpinned', 'credential', /no pidfd \(EINVAL\)/],
  [
    'no credential, no pidfd',
    peer({ credential: { value: undefined }, named: undefined, pinned: refused('ENODATA'), same: false }),
    'none',
    'credential',
    /no credential: the socket is not connected\.$/,
  ],
  [
    'the credential refused',
    peer({ credential: refused('EPERM'), named: undefined, same: false }),
    'none',
    'credential',
    /refused the credential \(EPERM\)/,
  ],
];

describe('judge', () => {
  for (const [when, facts, verdict, basis, says] of rows) {
    it(`${when}: ${verdict}`, () => {
      const judgement = judge(facts);
      assert.deepEqual(judgement, { verdict, basis });
      const sentence = sentenceOf(judgement, facts, 'connect(2)', 'stream');
      assert.match(sentence, says);
      assert.match(sentence, /\.$/);
    });
  }

  it('believes the number when it is pinned, and never else', () => {
    const verdicts = new Set(rows.map(([, , verdict]) => verdict));
    assert.equal(verdicts.size, 7);
    for (const verdict of verdicts) assert.equal(isBelieved(verdict), verdict === 'pinned');
  });

  it('calls a peer that was refused as ended by its number never pinned', () => {
    assert.notEqual(judge(peer({ pinned: refusal, same: true, refusedAsEnded: true })).verdict, 'pinned');
  });
});
