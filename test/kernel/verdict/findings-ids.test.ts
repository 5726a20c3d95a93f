import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Connected, freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { findingIds, findingText, inspect, whyUnavailable } from '../../helpers/running/inspect.js';

const user = 1000;
const group = 1001;

describe('findings about ids', () => {
  beforeEach(function () {
    requireThat(this, isRoot, 'other ids take root');
  });

  it('uid-changed: the credential keeps the effective uid of connect(2)', async () => {
    await using both = await Connected.start();
    await both.client.do('seteuid', user);
    const document = await inspect(both.accepted);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.uid, 0);
    assert.equal(document.byPidfd?.uids?.effective, user);
    assert.deepEqual(findingIds(document), ['uid-changed', 'ids-differ']);
    assert.match(
      findingText(document, 'uid-changed'),
      /uid recorded at connect\(2\) is 0, and that of its first thread is 1000 now.* still see 0\./,
    );
  });

  it('gid-changed: likewise', async () => {
    await using both = await Connected.start();
    await both.client.do('setgid', group);
    const document = await inspect(both.accepted);
    assert.equal(document.credential?.gid, 0);
    assert.equal(document.byPidfd?.gids?.effective, group);
    assert.deepEqual(findingIds(document), ['gid-changed']);
    assert.match(
      findingText(document, 'gid-changed'),
      /gid recorded at connect\(2\) is 0, and that of its first thread is 1001 now/,
    );
  });

  it('ids-differ: real uid 0, effective 1000, and SO_PEERCRED gives the effective one', async () => {
    await using both = await Connected.start({ prepare: (client) => client.do('seteuid', user) });
    const document = await inspect(both.accepted);
    assert.equal(document.credential?.uid, user);
    assert.deepEqual(document.byPidfd?.uids, { real: 0, effective: user, saved: 0, fs: user });
    assert.deepEqual(findingIds(document), ['ids-differ']);
    assert.match(findingText(document, 'ids-differ'), /real uid is 0, its effective uid 1000/);
  });

  it('ids-differ: for the group too', async () => {
    await using both = await Connected.start({ prepare: (client) => client.do('setegid', group) });
    const document = await inspect(both.accepted);
    assert.equal(document.credential?.gid, group);
    assert.deepEqual(findingIds(document), ['ids-differ']);
    assert.match(findingText(document, 'ids-differ'), /real gid is 0, its effective gid 1001/);
  });

  it('none for a process that is and was one ordinary user', async () => {
    await using both = await Connected.start({ client: { uid: user, gid: group } });
    const document = await inspect(both.accepted);
    assert.equal(document.credential?.uid, user);
    assert.equal(document.credential.gid, group);
    assert.deepEqual(findingIds(document), []);
  });
});

describe('findings about ids that are not mapped', () => {
  const wrapper = ['unshare', '--user', '--map-root-user'];

  beforeEach(function () {
    requireThat(this, isRoot, 'other ids take root');
    requirePrograms(this, 'unshare');
    requireThat(this, spawnSync('unshare', ['--user', 'true']).status === 0, 'user namespaces may not be made here');
  });

  async function inspectListener(ids: { uid?: number; gid?: number }, from: string[]): Promise<InspectDocument> {
    const name = freshName();
    await using server = await Peer.start(ids);
    await server.do('listen', name);
    return await inspect(name, { wrapper: from });
  }

  it('uid-unmapped and gid-unmapped: 65534 is not nobody then, and no name is shown', async () => {
    const document = await inspectListener({ uid: user, gid: group }, wrapper);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.uid, 65534);
    assert.equal(document.credential.user, undefined);
    assert.equal(document.credential.gid, 65534);
    assert.equal(document.credential.group, undefined);
    assert.match(findingText(document, 'uid-unmapped'), /Uid 65534 stands for an id that is not mapped/);
    assert.match(findingText(document, 'gid-unmapped'), /Gid 65534 stands for an id that is not mapped/);
    assert.ok(!findingIds(document).includes('uid-changed'));
  });

  it('none of them for an id that is mapped', async () => {
    const document = await inspectListener({}, wrapper);
    assert.equal(document.credential?.uid, 0);
    assert.deepEqual(findingIds(document), []);
    // Root of a user namespace is nobody to the processes outside it, and is told so
    assert.match(whyUnavailable(document, 'byPidfd.namespaces') ?? '', /EACCES/);
  });

  it('none of them for the user nobody, where that is a user of its own', async function () {
    const mapped = /^\s*0\s+0\s+4294967295$/m.test(readFileSync('/proc/self/uid_map', 'latin1'));
    requireThat(this, mapped, 'this user namespace does not map every uid');
    const document = await inspectListener({ uid: 65534, gid: 65534 }, []);
    assert.equal(document.credential?.uid, 65534);
    assert.equal(document.credential.user, 'nobody');
    assert.deepEqual(findingIds(document), []);
  });
});
