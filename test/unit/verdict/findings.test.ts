import assert from 'node:assert/strict';

import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import type { ProcFacts } from '../../../src/identity/proc-facts.js';
import type { ProcessFacts } from '../../../src/identity/process-facts.js';
import type { FindingId } from '../../../src/verdict/finding.js';
import type { FindingInput } from '../../../src/verdict/finding.js';
import { findingsOf } from '../../../src/verdict/findings.js';
import { peer, processFacts, refused, us, view } from '../../helpers/facts.js';

function input(changes: Partial<FindingInput> = {}): FindingInput {
  return { peer: peer(), recordedBy: 'connect(2)', holders: undefined, ourselves: us, ...changes };
}

/** An honest peer of which this is so. */
function pinned(changes: Partial<ProcessFacts<ProcFacts>>): FindingInput {
  const of = view(changes);
  return input({ peer: peer({ pinned: { value: of }, named: { facts: of, opened: { value: 7n } } }) });
}

function status(changes: object): { proc: ProcFacts } {
  const known = processFacts.status;
  return { proc: { ...processFacts, status: 'value' in known ? { value: { ...known.value, ...changes } } : known } };
}

function executable(file: 'deleted' | 'replaced'): { proc: ProcFacts } {
  return { proc: { ...processFacts, executable: { value: { path: Buffer.from('/bin/peer'), file } } } };
}

function running(path: string): { proc: ProcFacts } {
  return { proc: { ...processFacts, executable: { value: { path: Buffer.from(path), file: 'present' } } } };
}

function held(notSeen: number, ...found: [pid: number, pidfdId: bigint | undefined][]): Pick<FindingInput, 'holders'> {
  const holders: Holder[] = found.map(([pid, pidfdId]) => ({
    pid,
    thread: undefined,
    pidfdId,
    comm: Buffer.from('holder'),
    fds: [3],
  }));
  // Where all was seen, the process of record was too
  const seen = new Set(notSeen === 0 ? [42] : []);
  return { holders: { value: { found: holders, notSeen, hidden: false, cut: 0, seen } } };
}

const ids = (real: number, effective: number): object => ({ real, effective, saved: real, fs: effective });
const ended = { state: 'exited', pid: undefined, proc: undefined } as const;

const cases: readonly (readonly [when: string, from: FindingInput, ...expected: FindingId[]])[] = [
  ['an honest peer', input()],
  ['a zombie', pinned({ state: 'zombie' }), 'zombie'],
  ['another effective uid', pinned(status({ uids: ids(5, 5) })), 'uid-changed'],
  ['another effective gid', pinned(status({ gids: ids(5, 5) })), 'gid-changed'],
  ['a setuid program', pinned(status({ uids: ids(5, 1000) })), 'ids-differ'],
  [
    'an unmapped uid',
    input({
      peer: peer({
        credential: { value: { pid: 0, uid: 65534, gid: 100 } },
        named: undefined,
        pinned: { value: view({ pid: 0, proc: undefined }) },
      }),
    }),
    'uid-unmapped',
  ],
  [
    'an unmapped gid',
    input({
      peer: peer({
        credential: { value: { pid: 0, uid: 1, gid: 65534 } },
        named: undefined,
        pinned: { value: view({ pid: 0, proc: undefined }) },
      }),
    }),
    'gid-unmapped',
  ],
  [
    'uid 65534 that is mapped',
    {
      ...pinned(status({ uids: ids(65534, 65534) })),
      peer: peer({
        credential: { value: { pid: 42, uid: 65534, gid: 100 } },
        pinned: { value: view(status({ uids: ids(65534, 65534) })) },
      }),
      ourselves: { ...us, unmappedUid: undefined },
    },
  ],
  ['a deleted executable', pinned(executable('deleted')), 'executable-deleted'],
  ['a replaced executable', pinned(executable('replaced')), 'executable-replaced'],
  ['a program that speaks for others', pinned(running('/usr/bin/socat')), 'peer-is-relay'],
  ['one whose name only begins so', pinned(running('/usr/bin/socat-not'))],
  ['one in a directory that is called so', pinned(running('/socat/app'))],
  ['a tracer', pinned(status({ tracer: 9 })), 'traced'],
  ['other namespaces', pinned({ namespaces: { value: { pid: 3, user: 2 } } }), 'other-namespaces'],
  ['ourselves', pinned({ pidfdId: 1n }), 'self'],
  ['our number, another pidfd id', pinned({ pid: 1 })],
  ['a thread', pinned({ threadOf: 41 }), 'pid-is-thread'],
  ['no pidfd ids', pinned({ pidfdId: undefined }), 'no-pidfd-ids'],
  ['a refused credential', input({ peer: peer({ credential: refused('EPERM') }) }), 'credential-refused'],
  ['no /proc', input({ ourselves: { ...us, procIsOurs: undefined } }), 'proc-not-ours'],
  ['the /proc of others', input({ ourselves: { ...us, procIsOurs: false } }), 'proc-not-ours'],
  ['one holder, of record', input(held(0, [42, 7n]))],
  ['two holders, one of record', input(held(0, [42, 7n], [43, 8n])), 'shared-socket'],
  ['a holder that has the number only', input(held(0, [42, 8n])), 'holder-differs'],
  ['another holder, and all were seen', input(held(0, [43, 8n])), 'holder-differs'],
  ['another holder, and some were not seen', input(held(5, [43, 8n])), 'shared-socket'],
  [
    'another holder of a peer whose pidfd was refused because it has ended',
    input({ ...held(5, [43, 8n]), peer: peer({ pinned: refused('EINVAL'), named: undefined, refusedAsEnded: true }) }),
    'holder-differs',
  ],
  [
    'another holder of a peer of whom there is no pidfd',
    input({ ...held(0, [43, 8n]), peer: peer({ pinned: refused('ENOPROTOOPT') }) }),
  ],
  [
    'another holder of an ended peer',
    input({ ...held(5, [43, 8n]), peer: peer({ pinned: { value: view(ended) }, named: undefined }) }),
    'holder-differs',
  ],
  ['no holder', input(held(5))],
  ['a socket that asks for nothing', input({ asks: ['rights'] })],
  ['a socket that asks for pids alone', input({ asks: ['cred', 'sec', 'rights'] }), 'judges-by-number'],
  ['a socket that asks for pidfds too', input({ asks: ['cred', 'pidfd'] })],
  [
    'nothing of whoever has the number of a peer that was refused as ended',
    input({
      peer: peer({
        pinned: refused('EINVAL'),
        refusedAsEnded: true,
        named: { facts: view({ state: 'zombie' }), opened: { value: 8n } },
      }),
    }),
  ],
];

describe('findingsOf', () => {
  for (const [when, from, ...expected] of cases) {
    it(`${when}: ${expected.join(', ') || 'nothing'}`, () => {
      const found = findingsOf(from);
      assert.deepEqual(
        found.map(({ id }) => id),
        expected,
      );
      for (const { text } of found) assert.match(text, /^[A-Z].*\.$/);
    });
  }

  it('is one finding where both ids differ, and does not guess why', () => {
    const found = findingsOf(pinned(status({ uids: ids(5, 1000), gids: ids(6, 100) })));
    assert.deepEqual(
      found.map(({ id, text }) => [id, text.replace(/ \(.*/, '')]),
      [['ids-differ', 'Its real uid is 5, its effective uid 1000; its real gid is 6, its effective gid 100']],
    );
  });

  it('never calls whoever has an unpinned number the peer', () => {
    const changed = status({ uids: ids(5, 6), tracer: 9 });
    const facts = { ...changed.proc, ...{ executable: executable('deleted').proc.executable } };
    const of = view({ state: 'zombie', proc: facts, namespaces: { value: { pid: 3 } } });
    const unpinned = peer({ pinned: refused('ENOPROTOOPT'), named: { facts: of, opened: { value: 7n } } });
    const found = findingsOf(input({ peer: unpinned }));
    assert.ok(found.length >= 5);
    for (const { text } of found) {
      assert.match(text, /the process that has the PID now/i);
      assert.doesNotMatch(text, /the peer|^Its|^It /i);
    }
  });

  it('tells the worst first', () => {
    const of = view({ namespaces: { value: { pid: 3 } }, state: 'zombie' });
    const found = findingsOf(input({ peer: peer({ credential: refused('EPERM'), pinned: { value: of } }) }));
    assert.deepEqual(
      found.map(({ severity }) => severity),
      ['danger', 'warning', 'info'],
    );
  });

  it('is calm about a pair and a server that were handed over, as many are, and not about a client', () => {
    const severities = (['socketpair(2)', 'connect(2)', 'listen(2)'] as const).map((recordedBy) =>
      findingsOf(input({ ...held(0, [43, 8n]), recordedBy })).map(({ id, severity }) => [id, severity]),
    );
    assert.deepEqual(severities, [
      [['holder-differs', 'info']],
      [['holder-differs', 'warning']],
      [['holder-differs', 'info']],
    ]);
  });
});
