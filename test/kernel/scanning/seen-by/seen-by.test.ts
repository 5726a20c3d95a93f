import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

import type { FindingId } from '../../../../src/verdict/finding.js';
import { PidNamespace, requirePidNamespaces } from '../../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import type { PeerOptions } from '../../../helpers/peers/peer.js';
import { type Computed, computeFor, connect, Resident, told } from '../../../helpers/peers/service-view.js';
import { makeZombie, stoppableParent } from '../../../helpers/peers/zombie.js';
import { built } from '../../../helpers/running/program-root.js';
import { waitFor } from '../../../helpers/wait-for.js';

const unsharePid = ['unshare', '--pid', '--fork', '--mount-proc'];

/** Connects, and checks that the service is told by the kernel what is computed from outside. */
async function look(service: Resident, client: Resident): Promise<Computed> {
  const fd = await connect(client, service);
  const computed = computeFor(service, fd);
  assert.deepEqual(told(computed.seen), await service.peer.do('peerCredential', fd));
  return computed;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}

/** At the end of the block waits for the end of a nsenter(1), which stops itself when the program that it runs is stopped. */
function goingOn(pid: number): AsyncDisposable {
  const hasEnded = (): boolean => {
    try {
      return !process.kill(pid, 'SIGCONT');
    } catch {
      return true;
    }
  };
  return { [Symbol.asyncDispose]: () => waitFor('nsenter has ended', hasEnded) };
}

const ids = ({ findings }: Computed): FindingId[] => findings.map(({ id }) => id);

describe('seen by a service in another PID namespace', () => {
  let outer: PidNamespace;
  let sibling: PidNamespace;
  const residents = new Map<string, Resident>();
  const resident = (name: string): Resident => {
    const found = residents.get(name);
    assert.ok(found, name);
    return found;
  };

  before(async function () {
    requirePidNamespaces(this);
    requireThat(this, isRoot, 'looking into other namespaces takes root');
    outer = await PidNamespace.make();
    sibling = await PidNamespace.make();
    residents.set('here', await Resident.start());
    residents.set('child', Resident.of(outer.init));
    residents.set('the same child', await Resident.start({ wrapper: outer.enter }));
    residents.set('sibling', Resident.of(sibling.init));
    residents.set('grandchild', await Resident.start({ wrapper: [...outer.enter, ...unsharePid] }));
    const inGrandchild = ['nsenter', '--target', String(resident('grandchild').pid), '--pid', '--mount'];
    residents.set('great-grandchild', await Resident.start({ wrapper: [...inGrandchild, ...unsharePid] }));
    residents.set('cousin', await Resident.start({ wrapper: [...outer.enter, ...unsharePid, ...unsharePid] }));
  });

  after(async () => {
    for (const one of [...residents.values()].reverse()) await one[Symbol.asyncDispose]();
    await sibling[Symbol.asyncDispose]();
    await outer[Symbol.asyncDispose]();
  });

  /** For each service, whose number it is told. */
  const numbered: Record<string, readonly string[]> = {
    here: ['here', 'child', 'the same child', 'sibling', 'grandchild', 'great-grandchild', 'cousin'],
    child: ['child', 'the same child', 'grandchild', 'great-grandchild', 'cousin'],
    'the same child': ['child', 'the same child', 'grandchild', 'great-grandchild', 'cousin'],
    sibling: ['sibling'],
    grandchild: ['grandchild', 'great-grandchild'],
    'great-grandchild': ['great-grandchild'],
    cousin: ['cousin'],
  };

  for (const [service, clients] of Object.entries(numbered)) {
    it(`${service}: told the numbers of ${clients.join(', ')}, and 0 of others`, async () => {
      for (const [name, client] of residents) {
        const computed = await look(resident(service), client);
        const { pid } = told(computed.seen);
        const expected = clients.includes(name);
        assert.equal(pid !== 0, expected, name);
        assert.equal(computed.credential.pid, client.pid);
        assert.equal(computed.ours, 'pinned');
        assert.equal(computed.seen.verdict, expected ? 'pinned' : 'foreign');
        assert.deepEqual(ids(computed), expected ? [] : ['service-sees-foreign']);
        if (service === 'here') assert.equal(pid, client.pid);
        if (service === name) assert.equal(pid, client.peer.ownPid);
      }
    });
  }

  it('says which process is told what', async () => {
    const { findings } = await look(resident('child'), resident('here'));
    const [service, client] = [resident('child').pid, resident('here').pid];
    assert.match(
      findings[0]?.text ?? '',
      new RegExp(`^Process ${service}, which .* sees PID 0 where peerpid sees ${client}: `),
    );
  });

  it('a zombie still has its number in there', async function () {
    requirePrograms(this, 'perl');
    await using client = await Resident.start({ wrapper: [...outer.enter, ...stoppableParent] });
    const fds = new Map<string, number>();
    for (const name of residents.keys()) fds.set(name, await connect(client, resident(name)));
    await using _nsenter = goingOn(client.peer.pid);
    using _zombie = await makeZombie({ pid: parentOf(client.pid), ownPid: client.pid });
    for (const [name, fd] of fds) {
      const computed = computeFor(resident(name), fd);
      assert.deepEqual(told(computed.seen), await resident(name).peer.do('peerCredential', fd), name);
      assert.equal(computed.ours, 'pinned');
      assert.equal(computed.seen.verdict, told(computed.seen)['pid'] === 0 ? 'foreign' : 'pinned');
    }
  });

  it('of one that has ended nothing tells the number in there, which the service is still told', async () => {
    for (const [name, options] of Object.entries<PeerOptions>({ here: {}, child: { wrapper: outer.enter } })) {
      await using client = await Resident.start(options);
      const there = await connect(client, resident('child'));
      const here = await connect(client, resident('here'));
      await client.peer.exit();
      const inThere = computeFor(resident('child'), there);
      assert.deepEqual(told(inThere.seen), { pid: 'ESRCH', uid: 0, gid: 0 });
      assert.equal(inThere.seen.verdict, 'exited');
      assert.deepEqual(ids(inThere), []);
      const kernel = (await resident('child').peer.do('peerCredential', there)) as { pid: number };
      assert.equal(kernel.pid, name === 'here' ? 0 : client.peer.ownPid);
      const inHere = computeFor(resident('here'), here);
      assert.deepEqual(told(inHere.seen), await resident('here').peer.do('peerCredential', here));
      assert.equal(inHere.seen.verdict, 'exited');
    }
  });
});

describe('seen by a service in another user namespace', () => {
  before(function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'ids of others take root');
    requireThat(this, spawnSync('unshare', ['--user', 'true']).status === 0, 'user namespaces may not be made here');
  });

  const clients: readonly (readonly [uid: number, gid: number])[] = [
    [0, 0],
    [1000, 1000],
    [1000, 0],
    [1001, 1001],
    [65534, 65534],
    [99999, 99999],
    [100000, 100000],
    [165533, 165534],
    [165535, 165536],
    [2147483647, 2147483647],
  ];

  /** What a service is told of each client. */
  async function lookAtAll(service: Resident): Promise<Map<string, Computed>> {
    const all = new Map<string, Computed>();
    for (const [uid, gid] of clients) {
      await using client = await Resident.start({ uid, gid });
      const computed = await look(service, client);
      assert.deepEqual([computed.credential.uid, computed.credential.gid], [uid, gid]);
      assert.equal(computed.seen.verdict, 'pinned');
      all.set(`${uid} ${gid}`, computed);
    }
    return all;
  }

  const numbers = (all: Map<string, Computed>): unknown =>
    Object.fromEntries(
      [...all].map(([client, { seen }]) => [client, `${String(told(seen)['uid'])} ${String(told(seen)['gid'])}`]),
    );

  const unmapped = (all: Map<string, Computed>): string[] =>
    [...all].filter(([, computed]) => ids(computed).includes('service-sees-unmapped')).map(([client]) => client);

  it('that maps one id: 65534 for all others', async () => {
    await using service = await Resident.start({ wrapper: ['unshare', '--user', '--map-root-user'] });
    const all = await lookAtAll(service);
    assert.deepEqual(
      unmapped(all),
      clients.slice(1).map((pair) => pair.join(' ')),
    );
    assert.match(
      all.get('1000 1000')?.findings[0]?.text ?? '',
      /sees uid 65534 instead of 1000 and gid 65534 instead of 1000: .* may refuse them all\.$/,
    );
    assert.match(all.get('1000 0')?.findings[0]?.text ?? '', /sees uid 65534 instead of 1000: /);
  });

  it('that maps none', async () => {
    await using service = await Resident.start({ wrapper: ['unshare', '--user'] });
    const all = await lookAtAll(service);
    assert.equal(unmapped(all).length, clients.length);
  });

  it('that maps ranges, in which 65534 is somebody', async () => {
    await using service = await Resident.start({ wrapper: ['unshare', '--user'] });
    for (const map of ['uid_map', 'gid_map']) {
      writeFileSync(`/proc/${service.pid}/${map}`, '0 100000 65536\n70000 1000 1\n2147483640 2147483640 8\n');
    }
    const all = await lookAtAll(service);
    assert.deepEqual(numbers(all), {
      '0 0': '65534 65534',
      '1000 1000': '70000 70000',
      '1000 0': '70000 65534',
      '1001 1001': '65534 65534',
      '65534 65534': '65534 65534',
      '99999 99999': '65534 65534',
      '100000 100000': '0 0',
      '165533 165534': '65533 65534',
      '165535 165536': '65535 65534',
      '2147483647 2147483647': '2147483647 2147483647',
    });
    // Gid 165534 is told as 65534 too, and is the one that is meant by it
    assert.deepEqual(unmapped(all), ['0 0', '1000 0', '1001 1001', '65534 65534', '99999 99999', '165535 165536']);
    assert.match(
      all.get('1000 0')?.findings[0]?.text ?? '',
      /sees gid 65534 instead of 0: .* There gid 65534 is also an id in its own right/,
    );
  });

  it('and in another PID namespace as well, as in a container', async () => {
    const wrapper = ['unshare', '--user', '--map-root-user', ...unsharePid.slice(1)];
    await using service = await Resident.start({ wrapper });
    await using client = await Resident.start({ uid: 1000, gid: 1000 });
    const computed = await look(service, client);
    assert.deepEqual(told(computed.seen), { pid: 0, uid: 65534, gid: 65534 });
    assert.deepEqual(ids(computed), ['service-sees-foreign', 'service-sees-unmapped']);
    assert.deepEqual(told((await look(service, service)).seen), { pid: 1, uid: 0, gid: 0 });
  });

  it('above ours: it may not be looked into, so nothing is said', async () => {
    await using service = await Resident.start();
    const url = (file: string): string => JSON.stringify(built(`src/${file}`));
    const script = `
      const { readHolderView } = await import(${url('scanning/seen-by/holder-view.js')});
      const { ourselves } = await import(${url('identity/ourselves.js')});
      console.log(JSON.stringify(readHolderView(${service.pid}, ourselves())));`;
    const node = [process.execPath, '--input-type=module', '-e', script];
    const view: unknown = JSON.parse(
      execFileSync('unshare', ['--user', '--map-root-user', ...node], { encoding: 'utf8' }),
    );
    const refused = (kind: string): unknown => ({
      error: { syscall: `readlink /proc/${service.pid}/ns/${kind}`, code: 'EACCES' },
    });
    assert.deepEqual(view, {
      pid: service.pid,
      pidNamespace: refused('pid'),
      ids: refused('user'),
      toldAsWeAre: false,
    });
  });
});
