import assert from 'node:assert/strict';
import { constants } from 'node:os';

import { inNetworkNamespace, openNetworkNamespaceOfProcess } from '../../../native-probe/network-namespace.js';
import { listSockets, openSockDiag } from '../../../native-probe/sock-diag.js';
import { column, rowSize } from '../../../native-probe/socket-answers.js';
import { Surveyor } from '../../../native-probe/survey.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { Peer } from '../../helpers/peers/peer.js';

/** What was answered when the sockets of a process were asked: 1, or a negated errno. */
function askedOf(pid: number, cookies: ReadonlyMap<number, number>): number[] {
  const surveyor = new Surveyor(cookies, 'peer', false);
  surveyor.visit(pid);
  const { rows } = surveyor.result();
  return Array.from({ length: rows.length / rowSize }, (_, row) => rows[row * rowSize + column.asked] ?? 0);
}

describe('a socket that is to be asked', () => {
  for (const [where, wrapper] of [
    ['our network namespace', []],
    ['another network namespace', ['unshare', '--net']],
  ] as const) {
    it(`is known by its cookie, in ${where}`, async function () {
      requirePrograms(this, 'unshare');
      requireThat(this, isRoot, 'a network namespace takes root');
      await using peer = await Peer.start({ wrapper: [...wrapper] });
      await peer.do('socketpair', 'seqpacket');
      using namespace = openNetworkNamespaceOfProcess(peer.pid);
      const sockets = listSockets('all', () => inNetworkNamespace(namespace, openSockDiag));
      const seqpacket = sockets.filter(({ type }) => type === 'seqpacket');
      const cookies = new Map(seqpacket.map(({ inode, cookie = 0 }) => [inode, cookie]));
      assert.ok([...cookies.values()].every((cookie) => cookie > 0));
      assert.equal(new Set(cookies.values()).size, cookies.size);
      assert.deepEqual(askedOf(peer.pid, cookies), [1, 1]);
      const others = new Map([...cookies].map(([inode, cookie]) => [inode, cookie + 2 ** 32]));
      assert.deepEqual(askedOf(peer.pid, others), [-constants.errno.ESTALE, -constants.errno.ESTALE]);
    });
  }
});
