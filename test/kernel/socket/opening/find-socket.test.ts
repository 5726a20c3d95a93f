import assert from 'node:assert/strict';

import { listSockets } from '../../../../native-probe/sock-diag.js';
import type { UnixAddress } from '../../../../native-probe/unix-address.js';
import { boundByName, findBoundSocket } from '../../../../src/socket/opening/find-socket.js';
import { fileAt } from '../../../../src/socket/socket-file.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { prepareEach } from '../../../helpers/prepare-each.js';

describe('findBoundSocket', () => {
  let directory: TemporaryDirectory;
  let server: Peer;
  let address: UnixAddress & { kind: 'path' };

  prepareEach(async (keep) => {
    directory = keep(new TemporaryDirectory());
    address = { kind: 'path', path: Buffer.from(directory.file('socket')) };
    server = keep(await Peer.start());
    await server.do('listen', directory.file('socket'));
  });

  it('finds a socket whose device stat(2) tells otherwise, as on btrfs, by inode number and path', () => {
    const file = fileAt(address.path);
    const exact = findBoundSocket(address, 'stream', file);
    assert.ok(exact);
    assert.equal(findBoundSocket(address, 'stream', { ...file, device: file.device + 1n })?.inode, exact.inode);
  });

  it('takes none where the inode number or the path is of another, or where several may be it', () => {
    const file = { ...fileAt(address.path), device: 0n };
    assert.equal(findBoundSocket(address, 'stream', { ...file, inode: file.inode + 1n }), undefined);
    const elsewhere = { kind: 'path', path: Buffer.from('/elsewhere') } as const;
    assert.equal(findBoundSocket(elsewhere, 'stream', file), undefined);
    const sockets = listSockets('listening');
    assert.ok(boundByName(sockets, address, file));
    assert.equal(boundByName([...sockets, ...sockets], address, file), undefined);
  });
});
