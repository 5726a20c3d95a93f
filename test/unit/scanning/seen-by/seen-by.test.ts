import assert from 'node:assert/strict';

import type { IdentityFacts } from '../../../../src/identity/identify.js';
import type { HolderView } from '../../../../src/scanning/seen-by/holder-view.js';
import { seenByFindings } from '../../../../src/scanning/seen-by/seen-by-findings.js';
import { type SeenBy, seenBy } from '../../../../src/scanning/seen-by/seen-by.js';
import { judge } from '../../../../src/verdict/verdict.js';
import { peer, processFacts, refused, us, view } from '../../../helpers/facts.js';
import { told } from '../../../helpers/peers/service-view.js';

const here: HolderView = { pid: 7, pidNamespace: { value: 'ours' }, ids: { value: 'ours' }, toldAsWeAre: true };
const oneToOne = { map: [{ inside: 0, ours: 0, count: 1001 }], overflow: 65534 };
/** One PID namespace below ours, and a user namespace that maps the peers of these tests. */
const inContainer: HolderView = {
  pid: 7,
  pidNamespace: { value: { inode: 10, depth: 2 } },
  ids: { value: { uid: oneToOne, gid: oneToOne } },
  toldAsWeAre: false,
};

function seen(holder: HolderView, facts: IdentityFacts): SeenBy {
  return seenBy(holder, facts, judge(facts), us);
}

/** A peer that has these numbers, from our PID namespace inwards to its own. */
function peerIn(namespace: number, numbers: readonly number[]): IdentityFacts {
  const status = { value: { ...statusOfPeer(), namespacePids: numbers } };
  const one = view({ proc: { ...processFacts, status }, namespaces: { value: { pid: namespace, user: 2 } } });
  return peer({ pinned: { value: one }, named: { facts: one, opened: { value: 7n } } });
}

function statusOfPeer(): Extract<typeof processFacts.status, { value: unknown }>['value'] {
  assert.ok('value' in processFacts.status);
  return processFacts.status.value;
}

const hasEnded = { pinned: { value: view({ state: 'exited', pid: undefined, proc: undefined }) }, same: false };

describe('seenBy', () => {
  it('is the credential and the verdict themselves for a holder that lives where we do', () => {
    const verdicts: [IdentityFacts, string][] = [
      [peer(), 'pinned'],
      [peer(hasEnded), 'recycled'],
      [peer({ same: false }), 'contradicted'],
      [peer({ pinned: refused('ENOPROTOOPT') }), 'unpinned'],
    ];
    for (const [facts, verdict] of verdicts) {
      assert.deepEqual(told(seen(here, facts)), { pid: 42, uid: 1000, gid: 100 });
      assert.equal(seen(here, facts).verdict, verdict);
    }
  });

  it('a number that is recycled here is not the number in there', () => {
    const { verdict, pid } = seen(inContainer, peer(hasEnded));
    assert.equal(verdict, 'exited');
    assert.ok('error' in pid);
    assert.match(pid.error.syscall, /^the peer has ended/);
    const byRefusal = peer({ pinned: refused('EINVAL'), refusedAsEnded: true });
    assert.equal(judge(byRefusal).verdict, 'recycled');
    assert.equal(seen(inContainer, byRefusal).verdict, 'exited');
  });

  it('goes by the namespace at the holder’s depth', () => {
    assert.equal(told(seen(inContainer, peerIn(10, [42, 5])))['pid'], 5);
    const elsewhere = seen(inContainer, peerIn(11, [42, 5]));
    assert.deepEqual([told(elsewhere)['pid'], elsewhere.verdict], [0, 'foreign']);
  });

  it('knows one that is not as deep without being shown its namespaces', () => {
    const facts = peer({ pinned: { value: view({ namespaces: refused('EACCES') }) } });
    assert.equal(told(seen(inContainer, facts))['pid'], 0);
  });

  it('says that nobody can tell where the peer may not be looked into, or is not pinned', () => {
    const forbidden = peerIn(10, [42, 5]);
    assert.ok('value' in forbidden.pinned);
    const hidden = { ...forbidden, pinned: { value: { ...forbidden.pinned.value, namespaces: refused('EACCES') } } };
    for (const facts of [hidden as IdentityFacts, peer({ pinned: refused('ENOPROTOOPT') })]) {
      const { pid, verdict } = seen(inContainer, facts);
      assert.ok('error' in pid);
      assert.equal(verdict, 'unpinned');
    }
  });

  it('leaves what was rewritten contradicted, and does not say what it is rewritten to in there', () => {
    const { verdict, ...numbers } = seen(inContainer, peer({ same: false }));
    assert.equal(verdict, 'contradicted');
    assert.deepEqual(told({ verdict, ...numbers }), { pid: 'EBADE', uid: 'EBADE', gid: 'EBADE' });
  });

  it('has nothing of a socket without a credential, or whose credential was refused', () => {
    const none = seen(inContainer, peer({ credential: { value: undefined }, pinned: refused('ENODATA') }));
    assert.deepEqual([told(none), none.verdict], [{ pid: 'ENODATA', uid: 'ENODATA', gid: 'ENODATA' }, 'none']);
    const denied = seen(here, peer({ credential: refused('EPERM') }));
    assert.deepEqual([told(denied), denied.verdict], [{ pid: 'EPERM', uid: 'EPERM', gid: 'EPERM' }, 'none']);
  });

  it('an id that is not mapped here is not mapped below, and is no news', () => {
    const all = { map: [{ inside: 0, ours: 0, count: 4294967295 }], overflow: 99 };
    const holder: HolderView = { ...inContainer, ids: { value: { uid: all, gid: all } } };
    const credential = { pid: 0, uid: 65534, gid: 65534 };
    const pinned = { value: view({ pid: 0, proc: undefined }) };
    const foreign = seen(holder, peer({ credential: { value: credential }, named: undefined, pinned }));
    assert.equal(foreign.verdict, 'foreign');
    assert.deepEqual([told(foreign)['uid'], told(foreign)['gid']], [99, 99]);
    assert.deepEqual(seenByFindings(foreign, credential, holder, us), []);
  });
});
