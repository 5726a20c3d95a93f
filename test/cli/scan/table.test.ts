import assert from 'node:assert/strict';

import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { ScanScene } from '../../helpers/peers/scan-scene.js';
import { type RunOptions, runPeerpid } from '../../helpers/running/run-peerpid.js';
import { counting, heldAt, scan } from '../../helpers/running/scan.js';

describe('the table of peerpid scan', () => {
  let scene: ScanScene;
  let server: string;
  let client: string;
  const inside = (): RunOptions => ({ wrapper: scene.room.enter });

  before(async function () {
    requireNetworkNamespaces(this);
    scene = await ScanScene.make();
    server = `node ${scene.server.ownPid}`;
    client = `node ${scene.client.ownPid}`;
  });

  after(async function () {
    await (scene as ScanScene | undefined)?.[Symbol.asyncDispose]();
  });

  async function text(...args: string[]): Promise<string> {
    const { stdout, stderr, status } = await runPeerpid(['scan', ...args], inside());
    assert.equal(stderr, '');
    assert.equal(status, args.includes('--no-audit') ? 0 : 3);
    return stdout;
  }

  /** The cells of each line, up to the empty line. */
  function cells(table: string): string[][] {
    return (table.split('\n\n')[0] ?? '').split('\n').map((line) => line.split(/ {2,}/));
  }

  it('is one line for each connection and other socket, the worst first', async () => {
    const lines = cells(await text('--connections'));
    assert.deepEqual(lines[0], ['VERDICT', 'TYPE', 'ADDRESS', 'USER', 'SERVICE', 'CLIENT', 'ASKS', 'REMARKS']);
    assert.deepEqual(
      lines.slice(1).map(([verdict, , address]) => [verdict, address]),
      [
        ['exited', '@app'],
        ['pinned', scene.deleted],
        ...[1, 2, 3].map(() => ['pinned', '@app']),
        ...[1, 2].map(() => ['none', scene.log]),
        ['none', '-'],
      ],
    );
    assert.deepEqual(
      new Set(lines.slice(1).map((line) => line.join(' | '))),
      new Set(
        [
          ['exited', 'stream', '@app', 'root', server, '(closed)', '-', `client: PID ${scene.ended}, status 7`],
          ['pinned', 'seqpacket', scene.deleted, 'root', server, '(listens)', '-', 'file-deleted'],
          ['pinned', 'stream', '@app', 'root', server, client, '-', '-'],
          ['pinned', 'stream', '@app', 'root', server, `${client} (waits)`, '-', '-'],
          ['pinned', 'stream', '@app', 'root', server, '(listens)', '-', '1 client waiting (backlog 16)'],
          ['none', 'dgram', scene.log, 'root', server, client, '-', '-'],
          ['none', 'dgram', scene.log, 'root', server, '(receives)', '-', '-'],
          ['none', 'stream', '-', 'root', client, '(not connected)', '-', '-'],
        ].map((line) => line.join(' | ')),
      ),
    );
  });

  it('sums up to the same numbers as the JSON, which are those of its rows', async () => {
    const { document } = await scan([], inside());
    const verdicts: Record<string, number> = {};
    for (const row of document.sockets) {
      const verdict = counting(row);
      assert.ok(verdict);
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    }
    assert.deepEqual(document.summary, {
      sockets: 9,
      connections: 4,
      listening: 2,
      receivers: 1,
      verdicts: { exited: 1, pinned: 5, none: 3 },
      deceived: { exited: 1 },
      findings: { 'open-to-all': 1, 'file-deleted': 1, 'closed-and-kept': 1 },
    });
    assert.deepEqual(document.summary.verdicts, verdicts);
    const summary = (await text()).split('\n\n')[1] ?? '';
    assert.match(summary, /^9 sockets: 4 connections, 2 listeners, 1 datagram receiver$/m);
    assert.match(summary, /^credentials: exited 1, pinned 5, none 3$/m);
    assert.match(summary, /^deceived by them: the holders of 1 socket$/m);
    for (const id of ['open-to-all', 'file-deleted', 'closed-and-kept'])
      assert.match(summary, new RegExp(`^findings: .*${id} 1`, 'm'));
    assert.match(summary, /^not looked into: 1 other network namespace \(--own-namespace\)$/m);
    assert.equal(document.notSeen.withoutHolder, 0);
    assert.equal(document.notSeen.networkNamespaces, 1);
  });

  it('--long has a block for each of its lines, in the same order, with the descriptors', async () => {
    const lines = cells(await text('--connections')).slice(1);
    const blocks = (await text('--long')).split('\n\n').slice(0, -1);
    assert.deepEqual(
      blocks.map((block) => /^(\S+) {2}(\S+) {2}(.+)$/m.exec(block)?.slice(1)),
      lines.map(([verdict = '', type, address]) => [
        verdict.toUpperCase(),
        type,
        address === '-' ? 'without a name' : address,
      ]),
    );
    const { document } = await scan([], inside());
    const all = blocks.join('\n');
    for (const { inode, holders } of document.sockets) {
      const fds = Object.entries(heldAt({ holders })).map(([pid, of]) => `node ${pid} (fd ${of.join(' ')})`);
      assert.ok(all.includes(`${fds.join(', ')}; inode ${inode}`), `${inode}`);
    }
    assert.match(
      blocks[0] ?? '',
      new RegExp(`has there +PID ${scene.ended}, uid root \\(0\\), .* as of connect\\(2\\)`),
    );
  });

  it('--no-audit shows holders only, and believes nothing: exit status 0', async () => {
    assert.deepEqual(
      new Set(
        cells(await text('--connections', '--no-audit'))
          .slice(1)
          .map(([verdict, , ...rest]) => [verdict, ...rest.slice(0, 4)].join(' ')),
      ),
      new Set([
        `- @app root ${server} (closed)`,
        `- ${scene.deleted} root ${server} (listens)`,
        `- @app root ${server} ${client}`,
        `- @app root ${server} ${client} (waits)`,
        `- @app root ${server} (listens)`,
        `- ${scene.log} root ${server} ${client}`,
        `- ${scene.log} root ${server} (receives)`,
        `- - root ${client} (not connected)`,
      ]),
    );
    const { document } = await scan(['--no-audit'], inside());
    const audited = (await scan([], inside())).document;
    assert.equal(document.sockets.length, audited.sockets.length);
    document.sockets.forEach((row, index) => {
      const other = audited.sockets[index];
      assert.deepEqual([row.inode, row.holders], [other?.inode, other?.holders]);
      for (const fact of ['verdict', 'credential', 'byPid', 'byPidfd', 'seenBy', 'asks', 'text'] as const) {
        assert.equal(row[fact], undefined, fact);
      }
      assert.deepEqual(row.unavailable, [{ fact: 'credential', reason: 'not asked for (--no-audit)' }]);
    });
    assert.deepEqual([document.processes, document.summary.verdicts], [[], {}]);
    assert.ok(!(await text('--no-audit')).includes('credentials:'));
  });

  it('in a pipe has no colour, and nothing is cut', async () => {
    const { stdout } = await runPeerpid(['scan', '--connections'], {
      ...inside(),
      env: { COLUMNS: '40', TERM: 'xterm-256color' },
    });
    assert.ok(!stdout.includes('\x1b'));
    assert.ok(!stdout.includes('…'));
    assert.ok(stdout.includes(scene.deleted));
    const coloured = await runPeerpid(['scan', '--connections', '--color'], {
      ...inside(),
      env: { NO_COLOR: undefined },
    });
    assert.equal(coloured.stdout.replaceAll(/\x1b\[[\d;]*m/g, ''), stdout);
  });
});
