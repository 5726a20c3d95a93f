import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

import type { Credential } from '../../../native-probe/peer-credential.js';
import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { passDescriptor } from '../../helpers/peers/pass-descriptor.js';
import { connect, Resident } from '../../helpers/peers/service-view.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { counting, findingIds, findingText, heldAt, type Row, scan } from '../../helpers/running/scan.js';

/** Connects, scans, and checks that what the service itself was told by the kernel stands in its row. */
async function look(service: Resident, client: Resident): Promise<Row> {
  const fd = await connect(client, service);
  const row = (await scan()).of(service, fd);
  const { pid, uid, gid } = (await service.peer.do('peerCredential', fd)) as Credential;
  assert.deepEqual({ ...row.seenBy, verdict: undefined }, { holder: service.pid, pid, uid, gid, verdict: undefined });
  assert.equal(row.credential?.pid, client.pid);
  assert.equal(row.verdict, 'pinned');
  return row;
}

/** The table's line of a connection between two processes. */
async function lineOf(service: Resident, client: Resident): Promise<string> {
  const { stdout, status } = await runPeerpid(['scan', '--connections']);
  const ends = new RegExp(` node ${service.pid} +node ${client.pid} `);
  const line = stdout.split('\n').find((one) => ends.test(one));
  assert.ok(line, stdout);
  assert.ok(status === 3 || !line.startsWith('foreign'));
  return line;
}

describe('peerpid scan, as a service in another PID namespace sees it', () => {
  let outer: PidNamespace;
  let sibling: PidNamespace;
  let here: Resident;
  let inside: Resident;
  let beside: Resident;
  let deeper: Resident;

  before(async function () {
    requirePidNamespaces(this);
    requireThat(this, isRoot, 'looking into other namespaces takes root');
    outer = await PidNamespace.make();
    sibling = await PidNamespace.make();
    here = await Resident.start();
    inside = Resident.of(outer.init);
    beside = Resident.of(sibling.init);
    deeper = await Resident.start({ wrapper: [...outer.enter, 'unshare', '--pid', '--fork', '--mount-proc'] });
  });

  after(async () => {
    for (const one of [deeper, here]) await one[Symbol.asyncDispose]();
    for (const one of [sibling, outer]) await one[Symbol.asyncDispose]();
  });

  it('is told 0 of a client outside: foreign counts, in exit status, table and summary', async () => {
    const row = await look(inside, here);
    assert.deepEqual([row.seenBy?.pid, row.seenBy?.verdict], [0, 'foreign']);
    assert.ok(findingIds(row).includes('service-sees-foreign'));
    assert.match(
      findingText(row, 'service-sees-foreign'),
      new RegExp(`^Process ${inside.pid}, .* sees PID 0 where peerpid sees ${here.pid}: `),
    );
    const line = await lineOf(inside, here);
    assert.match(line, /^foreign /);
    assert.match(line, new RegExp(` client: ${inside.pid} sees PID 0`));
  });

  it('is told 0 of a client in a sibling', async () => {
    const row = await look(inside, beside);
    assert.deepEqual([row.seenBy?.pid, counting(row)], [0, 'foreign']);
  });

  it('is told its own number of a client beside it, and of one in a child', async () => {
    const child = await look(inside, deeper);
    assert.notEqual(child.seenBy?.pid, 0);
    assert.notEqual(child.seenBy?.pid, deeper.pid);
    assert.equal(counting(child), 'pinned');
    assert.deepEqual(findingIds(child), ['other-namespaces']);
    // The other way round there is no number
    assert.match(await lineOf(inside, deeper), new RegExp(`^foreign .* service: ${deeper.pid} sees PID 0`));
    const long = await runPeerpid(['scan', '--long']);
    assert.ok(long.stdout.includes(`process ${inside.pid} sees PID ${child.seenBy?.pid ?? 0}, uid 0, gid 0`));
  });

  it('is the worst of what several holders are told: a service outside passed its socket to one inside', async () => {
    await using client = await Resident.start();
    const fd = await connect(client, here);
    const taken = await passDescriptor(here.peer, fd, inside.peer);
    const row = (await scan()).of(here, fd);
    assert.deepEqual(heldAt(row), { [here.pid]: [fd], [inside.pid]: [taken] });
    assert.equal(row.verdict, 'pinned');
    assert.deepEqual([row.seenBy?.holder, row.seenBy?.pid, row.seenBy?.verdict], [inside.pid, 0, 'foreign']);
    assert.ok(findingIds(row).includes('service-sees-foreign'));
    const { stdout } = await runPeerpid(['scan', '--connections']);
    const line = new RegExp(`^foreign .* node \\d+ \\+1 +node ${client.pid} .* client: ${inside.pid} sees PID 0`, 'm');
    assert.match(stdout, line);
  });

  it('is told a number of a peer that has ended, which nobody can tell any more: exited', async () => {
    await using client = await Resident.start({ wrapper: outer.enter });
    const fd = await connect(client, inside);
    const { pid } = client;
    await client.peer.exit(7);
    const row = (await scan()).of(inside, fd);
    assert.equal(row.credential?.pid, pid);
    assert.deepEqual([row.verdict, row.seenBy?.verdict, row.seenBy?.pid], ['exited', 'exited', undefined]);
    assert.match(row.unavailable.find(({ fact }) => fact === 'seenBy.pid')?.reason ?? '', /has ended/);
    assert.deepEqual(row.byPidfd?.exitStatus, { code: 7 });
  });

  it('counts each row once in the summary, by the verdict that counts', async () => {
    await look(inside, here);
    const { document } = await scan();
    const counts: Record<string, number> = {};
    for (const row of document.sockets) {
      const verdict = counting(row);
      if (verdict !== undefined) counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
    assert.deepEqual(document.summary.verdicts, counts);
  });
});

describe('peerpid scan, as a service in another user namespace sees it', () => {
  before(function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'ids of others take root');
    requireThat(this, spawnSync('unshare', ['--user', 'true']).status === 0, 'user namespaces may not be made here');
  });

  it('is told the id that its map has, and 65534 for one that is not mapped', async () => {
    await using service = await Resident.start({ wrapper: ['unshare', '--user'] });
    for (const map of ['uid_map', 'gid_map']) writeFileSync(`/proc/${service.pid}/${map}`, '0 1000 1\n');
    await using mapped = await Resident.start({ uid: 1000, gid: 1000 });
    await using unmapped = await Resident.start({ uid: 1001, gid: 1000 });

    const known = await look(service, mapped);
    assert.deepEqual([known.credential?.uid, known.seenBy?.uid, known.seenBy?.gid], [1000, 0, 0]);
    assert.ok(!findingIds(known).includes('service-sees-unmapped'));

    const other = await look(service, unmapped);
    assert.deepEqual([other.credential?.uid, other.seenBy?.uid, other.seenBy?.gid], [1001, 65534, 0]);
    assert.match(findingText(other, 'service-sees-unmapped'), /sees uid 65534 instead of 1001: /);
    // The number is still its own: ids make no verdict
    assert.equal(counting(other), 'pinned');
    assert.match(await lineOf(service, unmapped), /^pinned .* service-sees-unmapped/);
  });

  it('in a container, with a PID namespace too: neither the number nor the ids', async function () {
    requirePidNamespaces(this);
    const wrapper = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--mount-proc'];
    await using service = await Resident.start({ wrapper });
    await using client = await Resident.start({ uid: 1000, gid: 1000 });
    const row = await look(service, client);
    assert.deepEqual(row.seenBy, { holder: service.pid, pid: 0, uid: 65534, gid: 65534, verdict: 'foreign' });
    assert.deepEqual(findingIds(row), ['service-sees-foreign', 'service-sees-unmapped']);
  });
});
