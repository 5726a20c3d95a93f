import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

import type { ScanDocument } from '../../../../src/document/scan-document.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { Room } from '../../../helpers/machine/room.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { serveInRoom } from '../../../helpers/peers/all-connections.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { built } from '../../../helpers/running/program-root.js';
import { scanJson } from '../../../helpers/running/scan-json.js';

const program = built('test/helpers/programs/scan.js');

function byInode(a: { readonly inode: number }, b: { readonly inode: number }): number {
  return a.inode - b.inode;
}

/** The same in an order of its own, without the processes that scan. */
function standing({ sockets, processes, networkNamespaces, ...rest }: ScanDocument): unknown {
  return {
    ...rest,
    sockets: sockets.toSorted(byInode),
    processes: processes.toSorted((a, b) => (a.pidfdId ?? 0) - (b.pidfdId ?? 0)),
    // How many live in each is another number while one more scans
    networkNamespaces: networkNamespaces.map(({ inode, own, listed }) => ({ inode, own, listed })).sort(byInode),
  };
}

describe('the threads of a scan', () => {
  let room: Room;
  const peers: Peer[] = [];
  const directory = new TemporaryDirectory();

  before(async function () {
    requirePrograms(this, 'unshare', 'nsenter');
    requireThat(this, isRoot, 'namespaces take root');
    room = await Room.make();
    const start = async (...wrapper: string[]): Promise<Peer> => {
      const peer = await Peer.start({ wrapper: [...room.enter, ...wrapper] });
      peers.push(peer);
      return peer;
    };
    const { listener, connect } = await serveInRoom(room, start, directory.file('log'));
    for (const client of [await start(), await start(), await start()]) await connect(client);
    await peers.at(-1)?.exit(7);
    // Several processes hold the listener
    await room.init.do('spawn', ['sleep', '60'], listener);
  });

  after(async () => {
    for (const peer of peers) await peer[Symbol.asyncDispose]();
    await room[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  function scanInOneThread(options: object): ScanDocument {
    const [nsenter = '', ...args] = room.enter;
    const command = [process.execPath, program, JSON.stringify(options)];
    const printed = execFileSync(nsenter, [...args, ...command], { encoding: 'utf8', maxBuffer: 2 ** 28 });
    return JSON.parse(printed) as ScanDocument;
  }

  for (const [flags, options] of [
    [[], { details: true }],
    [['--no-audit'], { audit: false, details: true, processes: 'peers' }],
  ] as const) {
    it(`two find what one finds: ${flags.join(' ') || 'the audit'}`, async () => {
      const one = standing(scanInOneThread(options));
      for (let time = 0; time < 5; time++) {
        const two = await scanJson(['--source', 'proc', ...flags], { wrapper: room.enter });
        assert.ok(two.sockets.length >= 12);
        assert.deepEqual(standing(two), one);
      }
    }).timeout(30_000);
  }

  it('two find what one finds in all namespaces', async () => {
    // Each brings standard streams that are sockets of the test's own namespace
    const inRoom = (document: ScanDocument): unknown => {
      const known = new Set(peers.concat(room.init).map(({ ownPid }) => ownPid));
      const outside = new Set(document.networkNamespaces.flatMap(({ inode, process }) => (process ? [] : [inode])));
      const rows = document.sockets.filter(({ networkNamespace = 0 }) => !outside.has(networkNamespace));
      assert.ok(rows.some(({ holders }) => holders.some(({ pid }) => known.has(pid))));
      return rows.toSorted(byInode);
    };
    const one = inRoom(scanInOneThread({ details: true, ownNamespace: false }));
    for (let time = 0; time < 3; time++) {
      assert.deepEqual(inRoom(await scanJson(['--source', 'proc'], { wrapper: room.enter, everywhere: true })), one);
    }
  }).timeout(60_000);
});
