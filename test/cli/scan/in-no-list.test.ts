import assert from 'node:assert/strict';

import type { ScanDocument } from '../../../src/document/scan-document.js';
import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Peer } from '../../helpers/peers/peer.js';
import { asUser, nobody } from '../../helpers/peers/service.js';
import { type RunOptions, runPeerpid } from '../../helpers/running/run-peerpid.js';

const asNobody = asUser(nobody);
const withoutEntering = ['setpriv', '--bounding-set', '-sys_admin', '--inh-caps', '-all'];

describe('scan: what a process has open and no list has', function () {
  this.timeout(60_000);
  let peer: Peer;
  let pair: readonly number[];

  before(async function () {
    requireNetworkNamespaces(this);
    requirePrograms(this, 'setpriv', 'unshare');
    peer = await Peer.start({ wrapper: ['unshare', '--net', ...asNobody] });
    pair = (await peer.do('socketpair', 'stream')) as number[];
    // Another family is none of peerpid's
    await peer.do('udp');
  });
  after(async () => {
    await peer[Symbol.asyncDispose]();
  });

  async function unlisted(options: RunOptions): Promise<NonNullable<ScanDocument['notSeen']['unlisted']>> {
    const { stdout } = await runPeerpid(['scan', '--json'], options);
    const { notSeen } = JSON.parse(stdout) as ScanDocument;
    return (notSeen.unlisted ?? []).filter(({ pid }) => pid === peer.pid);
  }

  it('another network namespace, of his own process: its user sees how many, and whose', async () => {
    const found = await unlisted({ wrapper: asNobody });
    assert.deepEqual(
      found.map(({ fd, networkNamespace, reason }) => [fd, networkNamespace, reason]),
      pair.map((fd) => [fd, undefined, 'network namespace not known']),
    );
    const { stdout } = await runPeerpid(['scan'], { wrapper: asNobody });
    assert.match(stdout, new RegExp(`^in no list: \\d+ sockets? of .*${peer.pid} \\(fd ${pair.join(', ')}\\)`, 'm'));
  });

  it('root who may not enter it knows which one it is', async () => {
    const found = await unlisted({ wrapper: withoutEntering });
    assert.deepEqual(
      found.map(({ fd }) => fd),
      pair,
    );
    assert.equal(new Set(found.map(({ networkNamespace }) => networkNamespace)).size, 1);
    assert.ok(
      found.every(
        ({ networkNamespace, reason }) =>
          networkNamespace !== undefined && reason === 'network namespace not looked into',
      ),
    );
  });

  it('root sees them in lines of their own', async () => {
    const { stdout } = await runPeerpid(['scan', '--json']);
    const { sockets, notSeen } = JSON.parse(stdout) as ScanDocument;
    assert.ok(!(notSeen.unlisted ?? []).some(({ pid }) => pid === peer.pid));
    const held = sockets.filter(({ holders }) => holders.some(({ pid }) => pid === peer.pid));
    for (const fd of pair) assert.ok(held.some(({ holders }) => holders.some(({ fds }) => fds.includes(fd))));
  });
});
