import assert from 'node:assert/strict';

import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { inspect } from '../../helpers/running/inspect.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('inspect of a listener in another network namespace', () => {
  it('says that its holders are not known, and why, as the JSON does', async function () {
    requireNetworkNamespaces(this);
    using directory = new TemporaryDirectory();
    const path = directory.file('socket');
    await using server = await Peer.start({ wrapper: ['unshare', '--net'] });
    await server.do('listen', path);
    const { holders, unavailable } = await inspect(path);
    assert.equal(holders, undefined);
    assert.equal(unavailable.find(({ fact }) => fact === 'holders')?.code, 'ENOENT');
    const { stdout } = await runPeerpid(['inspect', path]);
    assert.match(stdout, /^holders +Not known: the socket is not in the list of this network namespace, and may be /m);
  });
});
