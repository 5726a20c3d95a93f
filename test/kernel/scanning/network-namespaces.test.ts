import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readdirSync, readlinkSync, statSync } from 'node:fs';

import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import { openSocket } from '../../../native-probe/unix-socket.js';
import { NetworkNamespaces } from '../../../src/scanning/network-namespaces.js';

/** By inode number, this process as the holder of a descriptor. */
function heldHere(fd: number): [number, Holder] {
  return [
    statSync(`/proc/self/fd/${fd}`).ino,
    { pid: process.pid, thread: undefined, pidfdId: undefined, comm: Buffer.from('test'), fds: [fd] },
  ];
}

describe('sockets that no list has', () => {
  it('what was made since is told, with its network namespace', () => {
    const namespaces = new NetworkNamespaces();
    namespaces.listOwn();
    using socket = openSocket('stream');
    const [inode, holder] = heldHere(socket.number);
    assert.deepEqual(namespaces.listBySockets(new Map([[inode, holder]])), []);
    assert.deepEqual(namespaces.unlisted, [{ inode, holder, networkNamespace: namespaces.own }]);
    assert.equal(namespaces.inodesNow(namespaces.own)?.has(inode), true);
  });

  it('what is closed by now, or of another family, is not', async () => {
    const namespaces = new NetworkNamespaces();
    namespaces.listOwn();
    const closed = openSocket('stream');
    const gone = heldHere(closed.number);
    closed[Symbol.dispose]();
    const udp = createSocket('udp4');
    await new Promise<void>((resolve) => {
      udp.bind(0, '127.0.0.1', resolve);
    });
    const others = readdirSync('/proc/self/fd')
      .map(Number)
      .filter((fd) => isSocket(fd))
      .map(heldHere);
    assert.ok(others.length > 0);
    namespaces.listBySockets(new Map([gone, ...others.filter(([inode]) => !isUnix(namespaces, inode))]));
    assert.deepEqual(namespaces.unlisted, []);
    udp.close();
  });
});

function isSocket(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch (error) {
    // The descriptor of the directory itself is closed
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT');
    return false;
  }
}

function isUnix(namespaces: NetworkNamespaces, inode: number): boolean {
  return namespaces.inodesNow(namespaces.own)?.has(inode) === true;
}
