import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';

import { asUser } from '../../helpers/assert-problem.js';
import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { passDescriptor } from '../../helpers/peers/pass-descriptor.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { inspect } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('inspect of a listener in another network namespace', () => {
  let directory: TemporaryDirectory;
  let path: string;
  let server: Peer;
  let fd: number;

  before(function () {
    requireNetworkNamespaces(this);
  });

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    chmodSync(directory.path, 0o755);
    path = directory.file('socket');
    server = keep(await Peer.start({ wrapper: ['unshare', '--net'] }));
    fd = await server.number('listen', path);
    chmodSync(path, 0o777);
  });

  it('finds its holders, where that may be entered', async () => {
    const { holders, findings, unavailable } = await inspect(path);
    assert.deepEqual(
      holders?.map((holder) => [holder.pid, holder.fds]),
      [[server.pid, [fd]]],
    );
    assert.ok(!unavailable.some(({ fact }) => fact === 'holders'));
    assert.ok(!findings.some(({ id }) => id === 'holder-differs'));
    const { stdout, stderr } = await runPeerpid(['inspect', '--explain', path]);
    assert.match(stdout, new RegExp(`^holders +The socket is open in \\S+ ${server.pid} \\(fd ${fd}\\)\\.$`, 'm'));
    assert.match(stderr, /this is the socket that a client reaches\n/);
  });

  it('tells of one to which the socket was passed on that the process of record does not have it', async () => {
    await using other = await Peer.start({ wrapper: ['nsenter', '--target', `${server.pid}`, '--net'] });
    await passDescriptor(server, fd, other);
    await server.do('close', fd);
    const { holders, findings } = await inspect(path);
    assert.deepEqual(
      holders?.map(({ pid }) => pid),
      [other.pid],
    );
    assert.ok(findings.some(({ id }) => id === 'holder-differs'));
  });

  it('says that its holders are not known, and why, as the JSON does, where it may not', async () => {
    const { wrapper } = asUser(65534, 65534);
    const { holders, unavailable } = await inspect(path, { wrapper });
    assert.equal(holders, undefined);
    assert.equal(unavailable.find(({ fact }) => fact === 'holders')?.code, 'ENOENT');
    const { stdout } = await runPeerpid(['inspect', path], { wrapper });
    assert.match(stdout, /^holders +Not known: the socket is not in the list of this network namespace, and may be /m);
  });
});
