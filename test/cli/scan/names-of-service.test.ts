import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync } from 'node:fs';

import type { InspectDocument } from '../../../src/document/inspect-document.js';
import { HangingPaths } from '../../helpers/hostile/hanging-paths.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { freshName } from '../../helpers/peers/connected.js';
import { connect, Resident } from '../../helpers/peers/service-view.js';
import { inspect } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { findingIds, findingText, type Row, scan } from '../../helpers/running/scan.js';

/** A user of this machine with a group, which a client is of. */
const id = 1;
const here = /^([^:]+):[^:]*:1:/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1] ?? '';

/** A command that runs another with an /etc of its own. @param files - a script that makes them in it */
function withFiles(files: string): string[] {
  return [
    'unshare',
    '--mount',
    'sh',
    '-c',
    `unset NODE_EXTRA_CA_CERTS; mount -t tmpfs none /etc && cd /etc && ${files}; exec "$@"`,
    'sh',
  ];
}

const mysql = 'echo mysql:x:1:1::/: >passwd; echo mysqlers:x:1: >group';

/** The row of the service's end of a connection. */
async function rowOf(service: Resident, client: Resident): Promise<Row> {
  const fd = await connect(client, service);
  return (await scan(['--pid', String(service.pid)])).of(service, fd);
}

async function lookAt(files: string): Promise<Row> {
  await using service = await Resident.start({ wrapper: withFiles(files) });
  await using client = await Resident.start({ uid: id, gid: id });
  return await rowOf(service, client);
}

describe('peerpid scan, the names of a peer in the eyes of the service', () => {
  before(function () {
    requirePrograms(this, 'unshare', 'nsenter', 'mount');
    requireThat(this, isRoot, 'mount namespaces take root');
    requireThat(this, here !== '', 'uid 1 has no name in /etc/passwd');
  });

  it('are those of its own /etc/passwd and /etc/group: a finding where the peer goes by others', async () => {
    await using service = await Resident.start({ wrapper: withFiles(mysql) });
    await using client = await Resident.start({ uid: id, gid: id });
    const row = await rowOf(service, client);
    const names = { user: 'mysql', group: 'mysqlers' };
    const { groups, ...seenBy } = row.seenBy ?? {};
    assert.deepEqual(
      groups?.map(({ id: gid }) => gid),
      row.credential?.groups,
    );
    assert.deepEqual(seenBy, {
      holder: service.pid,
      pid: client.pid,
      uid: id,
      gid: id,
      verdict: 'pinned',
      ...names,
    });
    assert.equal(row.findings.find(({ id: found }) => found === 'service-names-differ')?.severity, 'warning');
    const differs = `its /etc/passwd has the name "mysql" for uid 1 where that of process ${client.pid}, the peer, has "${here}"`;
    assert.ok(findingText(row, 'service-names-differ').includes(differs));
    const { stdout } = await runPeerpid(['scan', '--long', '--no-truncate', '--pid', String(service.pid)]);
    const long = stdout.replace(/\s+/g, ' ');
    assert.ok(
      long.includes(
        `process ${service.pid} has uid mysql (1) in its own /etc/passwd, and gid mysqlers (1) in its own /etc/group`,
      ),
      stdout,
    );
  });

  it('are told by inspect of the service: what peerpid is there, and whose the file is', async () => {
    using directory = new TemporaryDirectory();
    chmodSync(directory.path, 0o755);
    const path = directory.file('socket');
    await using service = await Resident.start({ wrapper: withFiles(mysql) });
    await service.peer.do('listen', path);
    chownSync(path, id, id);
    const asMember = { wrapper: ['setpriv', '--groups', '1,4242'] };
    const inspected = async (...args: string[]): Promise<InspectDocument> => inspect([...args, path], asMember);
    const expected = {
      holder: service.pid,
      us: {
        uid: 0,
        user: null,
        gid: 0,
        group: null,
        groups: [
          { id: 1, name: 'mysqlers' },
          { id: 4242, name: null },
        ],
      },
      file: { uid: id, user: 'mysql', gid: id, group: 'mysqlers' },
    };
    for (const args of [[], ['--no-connect']]) {
      const { serviceSees } = await inspected(...args);
      assert.ok(serviceSees?.us.pid);
      assert.deepEqual(
        { ...serviceSees, us: { ...serviceSees.us, pid: undefined } },
        {
          ...expected,
          us: { ...expected.us, pid: undefined },
        },
      );
    }
    const { stdout } = await runPeerpid(['inspect', path], asMember);
    assert.ok(
      stdout.includes(
        `\nin its eyes   To process ${service.pid}, a client such as peerpid is uid 0 (no name in its own /etc/passwd) and gid 0 (no name in its own /etc/group), with the groups mysqlers (1), 4242 (no name); the socket's file belongs to uid 1 (mysql in its own /etc/passwd) and gid 1 (mysqlers in its own /etc/group).\n`,
      ),
      stdout,
    );
    // Of a connection the other end may be a client
    const client = await service.peer.number('connect', path);
    assert.equal((await inspect(`/proc/${service.pid}/fd/${client}`)).serviceSees, undefined);
    await using same = await Resident.start();
    await same.peer.do('listen', `${path}-same`);
    assert.equal((await inspect(`${path}-same`)).serviceSees, undefined);
  });

  it('are told with the numbers of its own user namespace and no PID, where it has these', async () => {
    const wrapper = ['unshare', '--user', '--map-user=5', '--map-group=6', '--pid', '--fork', '--kill-child'];
    await using service = await Resident.start({ wrapper });
    const name = freshName();
    await service.peer.do('listen', name);
    const { serviceSees } = await inspect(name);
    assert.deepEqual(serviceSees, { holder: service.pid, us: { pid: 0, uid: 5, gid: 6 } });
    const { stdout } = await runPeerpid(['inspect', name]);
    assert.match(
      stdout,
      /^in its eyes +To process \d+, a client such as peerpid is PID 0 \(it has none there\), uid 5 and gid 6\.$/m,
    );
  });

  it('are those of the supplementary groups too, in JSON', async function () {
    requirePrograms(this, 'setpriv');
    await using service = await Resident.start({ wrapper: withFiles(mysql) });
    const wrapper = ['setpriv', '--reuid', `${id}`, '--regid', `${id}`, '--groups', `${id},4242`];
    await using client = await Resident.start({ wrapper });
    assert.deepEqual((await rowOf(service, client)).seenBy?.groups, [
      { id, name: 'mysqlers' },
      { id: 4242, name: null },
    ]);
    // Its own row, seen by the client, whose files are ours
    const fd = await connect(service, client);
    assert.equal((await scan(['--pid', String(client.pid)])).of(client, fd).seenBy?.groups, undefined);
  });

  it('are told by inspect --connections', async () => {
    await using service = await Resident.start({ wrapper: withFiles(mysql) });
    await using client = await Resident.start({ uid: id, gid: id });
    const { address = '', peerInode } = await rowOf(service, client);
    const json = await runPeerpid(['inspect', '--json', '--connections', address]);
    const { connections } = JSON.parse(json.stdout) as { connections: { sockets: Row[] } };
    assert.equal(connections.sockets.find((row) => row.peerInode === peerInode)?.seenBy?.user, 'mysql');
    const { stdout } = await runPeerpid(['inspect', '--connections', address]);
    assert.match(stdout, new RegExp(`node ${client.pid} .*service-names-differ`));
  });

  it('are no finding where both have the same files', async () => {
    await using service = await Resident.start({ wrapper: withFiles(mysql) });
    const beside = ['nsenter', '--mount', '--target', String(service.pid), 'setpriv', '--reuid=1', '--clear-groups'];
    await using client = await Resident.start({ wrapper: beside });
    const row = await rowOf(service, client);
    assert.equal(row.seenBy?.user, 'mysql');
    assert.deepEqual(findingIds(row), ['other-namespaces']);
  });

  it('are left out where its files are ours, whatever else is mounted there', async () => {
    await using service = await Resident.start({ wrapper: ['unshare', '--mount'] });
    await using client = await Resident.start({ uid: id, gid: id });
    const { seenBy, findings } = await rowOf(service, client);
    assert.deepEqual([seenBy?.holder, seenBy && 'user' in seenBy, findings], [service.pid, false, []]);
  });

  it('are null where its file has none', async () => {
    const row = await lookAt('echo other:x:7:7::/: >passwd; >group');
    assert.deepEqual([row.seenBy?.user, row.seenBy?.group, findingIds(row)], [null, null, []]);
  });

  const hostile: Record<string, readonly [files: string, code: string]> = {
    'a FIFO': ['mkfifo passwd', 'EINVAL'],
    'a link to /dev/zero': ['ln -s /dev/zero passwd', 'EINVAL'],
    'a file of 1 GB without content': ['truncate --size 1G passwd', 'EFBIG'],
    'a directory': ['mkdir passwd', 'EINVAL'],
    nothing: [':', 'ENOENT'],
    'a link to itself': ['ln -s passwd passwd', 'ELOOP'],
  };
  for (const [what, [files, code]] of Object.entries(hostile)) {
    it(`are not known where its /etc/passwd is ${what}`, async () => {
      const row = await lookAt(`${files}; echo mysqlers:x:1: >group`);
      assert.equal(row.unavailable.find(({ fact }) => fact === 'seenBy.user')?.code, code);
      assert.deepEqual([row.seenBy?.user, row.seenBy?.group, row.verdict], [undefined, 'mysqlers', 'pinned']);
    });
  }

  it('are no more than names, and print nothing that is not seen', async () => {
    const files = `printf '%01000000d:x:9:9::/:\\n\\033[31mroot\\r\\342\\200\\256:x:1:1::/:\\n' 0 >passwd`;
    await using service = await Resident.start({ wrapper: withFiles(files) });
    await using client = await Resident.start({ uid: id, gid: id });
    const row = await rowOf(service, client);
    assert.equal(row.seenBy?.user, '\u001b[31mroot\r\u202e');
    const { stdout } = await runPeerpid(['scan', '--long', '--pid', String(service.pid)]);
    assert.match(stdout, /31mroot/);
    assert.doesNotMatch(stdout, /[\u001b\r\u202e]/);
  });

  it('do not hold up a scan where its files are on a FUSE that does not answer', async function () {
    await using paths = await HangingPaths.start(this, 1, 'silent');
    await using service = await Resident.start({ wrapper: [...paths.room.enter, 'unshare', '--mount'] });
    await using client = await Resident.start({ wrapper: paths.room.enter });
    const fd = await connect(client, service);
    const enter = ['--mount', '--target', String(service.pid)];
    execFileSync('nsenter', [...enter, 'mount', '--no-mtab', '--bind', paths.directory.file('mount'), '/etc']);
    const row = (await scan([], { wrapper: paths.room.enter })).of(service, fd);
    assert.equal(row.unavailable.find(({ fact }) => fact === 'seenBy.user')?.code, 'ETIMEDOUT');
    assert.equal(row.verdict, 'pinned');
  });
});
