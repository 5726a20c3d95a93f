import assert from 'node:assert/strict';

import type { RecordingCall } from '../../../src/socket/recording-call.js';
import { deceives, type ToldOfPeer } from '../../../src/verdict/deceives.js';
import { verdictsByGravity } from '../../../src/verdict/gravity.js';
import type { Verdict } from '../../../src/verdict/verdict.js';

/** The verdicts that deceive whoever has such a socket. */
function deceiving(recordedBy: RecordingCall, more: Partial<ToldOfPeer> = {}): Verdict[] {
  const told = { recordedBy, listens: false, asks: ['rights'], byWriters: false, findings: [], ...more } as const;
  return verdictsByGravity.filter((verdict) => deceives({ ...told, verdict }));
}

const unbelieved: Verdict[] = ['contradicted', 'recycled', 'exited', 'foreign', 'unpinned'];

describe('whom a PID deceives', () => {
  it('a service about its client, whatever it asks for, and also where nobody can say which end it is', () => {
    for (const asks of [undefined, [], ['rights'], ['cred']] as const) {
      assert.deepEqual(deceiving('connect(2)', { asks }), unbelieved);
      assert.deepEqual(deceiving('connect(2) or listen(2)', { asks }), unbelieved);
    }
  });

  it('a client or an end of a pair only where it asks who sends', () => {
    for (const call of ['listen(2)', 'socketpair(2)'] as const) {
      for (const asks of [undefined, [], ['rights', 'sec']] as const) {
        assert.deepEqual(deceiving(call, { asks }), ['contradicted']);
      }
      assert.deepEqual(deceiving(call, { asks: ['cred'] }), unbelieved);
      assert.deepEqual(deceiving(call, { asks: ['pidfd', 'rights'] }), unbelieved);
    }
  });

  it('nobody by a listener, which asks for those that it accepts', () => {
    assert.deepEqual(deceiving('listen(2)', { listens: true, asks: ['cred', 'pidfd'] }), ['contradicted']);
  });

  it('nobody who goes by the sender of each message, but by what no daemon does by itself', () => {
    assert.deepEqual(deceiving('connect(2)', { byWriters: true, asks: ['cred'] }), ['contradicted']);
  });

  it('whoever is refused a credential', () => {
    const findings = [{ id: 'credential-refused', severity: 'danger', text: '' }] as const;
    assert.deepEqual(deceiving('listen(2)', { listens: true, findings }), ['contradicted', 'none']);
  });
});
