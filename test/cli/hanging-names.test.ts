import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';

import type { ScanDocument } from '../../src/document/scan-document.js';
import type { InspectDocument } from '../../src/index.js';
import { HangingNames } from '../helpers/hostile/hanging-names.js';
import { Room } from '../helpers/machine/room.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { BoundServer } from '../helpers/peers/bound-server.js';
import { Peer, type PeerOptions } from '../helpers/peers/peer.js';
import { asUser, Service } from '../helpers/peers/service.js';
import { inspect, whyUnavailable } from '../helpers/running/inspect.js';
import { Listening } from '../helpers/running/listening.js';
import { built } from '../helpers/running/program-root.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

class Peers implements AsyncDisposable {
  readonly #peers: Peer[] = [];

  async start(options: PeerOptions): Promise<Peer> {
    const peer = await Peer.start(options);
    this.#peers.push(peer);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.map(async (peer) => peer[Symbol.asyncDispose]()));
  }
}

describe('a name service that does not answer', () => {
  let directory: TemporaryDirectory;
  let names: HangingNames;

  before(function () {
    names = new HangingNames(this);
    directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o777);
  });

  after(() => {
    names[Symbol.dispose]();
    directory[Symbol.dispose]();
  });

  const nameless = { wrapper: asUser(54321, 54322) };
  const doNotAnswer = /getpwuid_r 54321, and of \d+ more: given up: the databases .* do not answer/;

  it('costs inspect the names, which it says, and is asked once', async () => {
    const path = directory.file('nameless');
    await using _server = await BoundServer.start(path, nameless);
    const document = await inspect(path, names.options);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.uid, 54321);
    assert.equal(document.credential.user, undefined);
    assert.equal(document.credential.group, undefined);
    assert.match(whyUnavailable(document, 'names') ?? '', doNotAnswer);
    assert.deepEqual(names.takeAsked(), ['uid 54321']);
    const { stdout } = await runPeerpid(['inspect', path], names.options);
    assert.match(stdout.replaceAll(/\s+/g, ' '), doNotAnswer);
    assert.deepEqual(names.takeAsked(), ['uid 54321']);
  });

  it('gives those that it has', async () => {
    const path = directory.file('far');
    await using _server = await BoundServer.start(path, { wrapper: asUser(60001, 60002) });
    const { credential, socket, unavailable } = await inspect(path, names.options);
    assert.deepEqual([credential?.user, credential?.group], ['far-60001', 'far-60002']);
    assert.deepEqual([socket.owner?.name, socket.group?.name], ['far-60001', 'far-60002']);
    assert.deepEqual(
      unavailable.filter(({ fact }) => fact === 'names'),
      [],
    );
    assert.deepEqual(names.takeAsked(), ['uid 60001', 'gid 60002']);
  });

  it('costs a scan of many users one question', async function () {
    await using room = await Room.make();
    await using peers = new Peers();
    const { wrapper, env } = names.options;
    for (let uid = 50000; uid < 50010; uid++) {
      const peer = await peers.start({ wrapper: [...room.enter, ...asUser(uid)] });
      await peer.do('listen', directory.file(`user-${uid}`), 'stream', 1);
    }
    const inRoom = { wrapper: [...room.enter, ...wrapper], env: env ?? {} };
    const { stdout } = await runPeerpid(['scan', '--json'], inRoom);
    const { sockets, notSeen } = JSON.parse(stdout) as ScanDocument;
    const owners = sockets.flatMap(({ owner }) => owner ?? []).filter(({ id }) => id >= 50000 && id < 50010);
    assert.equal(owners.length, 10);
    assert.ok(owners.every(({ name }) => name === undefined));
    assert.ok(
      notSeen.reasons.some(
        ({ fact, reason }) => fact === 'names' && /getpwuid_r 500\d\d, and of \d+ more: given up/.test(reason),
      ),
    );
    assert.equal(names.takeAsked().length, 1);
    const long = await runPeerpid(['scan', '--long'], inRoom);
    assert.match(long.stdout, /do not answer/);
    assert.equal(names.takeAsked().length, 1);
  });

  it('is told where a scan is to be of a user', async () => {
    const { status, stdout } = await runPeerpid(['scan', '--json', '--user', 'somebody'], names.options);
    assert.equal(status, 1);
    assert.match(stdout, /"code":"ETIMEDOUT","message":"the databases of users .* do not answer/);
    const byNumber = await runPeerpid(['scan', '--json', '--user', '54321'], names.options);
    assert.match(byNumber.stdout, /"sockets":\[\]/);
    names.takeAsked();
  });

  it('lets listen go on, and end', async () => {
    const address = directory.file('listen');
    await using listening = await Listening.start(['--mode', '777', address], names.options);
    for (let client = 0; client < 3; client++) {
      await using peer = await Peer.start(nameless);
      await peer.do('connect', address);
      const event = await listening.next('connection');
      assert.equal(event.verdict, 'pinned');
      assert.match(whyUnavailable(event, 'names') ?? '', doNotAnswer);
    }
    assert.equal((await listening.stop()).status, 0);
    assert.deepEqual(names.takeAsked(), ['uid 54321']);
  });

  it('does not hold up the event loop of a service', async () => {
    const path = directory.file('service');
    const { wrapper, env } = names.options;
    const program = [process.execPath, built('test/helpers/programs/describe-names.js'), path, '3'];
    await using service = await Service.start([...wrapper, ...program], { ...(env && { env }), listensAt: path });
    chmodSync(path, 0o777);
    await using peers = new Peers();
    for (const uid of [54321, 54323, 60001]) {
      const peer = await peers.start({ wrapper: asUser(uid) });
      await peer.do('connect', path);
    }
    assert.equal(await service.status(), 0, service.log);
    const { turns, documents } = JSON.parse(service.log) as { turns: number; documents: InspectDocument[] };
    assert.ok(turns > 2, `${turns} turns`);
    for (const { credential, verdict, unavailable, byPidfd } of documents) {
      assert.equal(verdict, 'pinned');
      assert.equal(credential?.user, undefined);
      assert.equal(byPidfd?.comm, 'node');
      assert.ok(unavailable.some(({ fact }) => fact === 'names'));
    }
    assert.deepEqual(names.takeAsked(), ['uid 54321']);
    assert.doesNotMatch(readFileSync('/etc/nsswitch.conf', 'utf8'), /hang/);
  });
});
