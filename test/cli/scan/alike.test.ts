import assert from 'node:assert/strict';

import type { ScanDocument } from '../../../src/document/scan-document.js';
import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { Room } from '../../helpers/machine/room.js';
import { Peer } from '../../helpers/peers/peer.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

const many = 24;

describe('connections that are alike', () => {
  let room: Room;
  let server: Peer;
  let greedy: Peer;
  let modest: Peer;

  before(async function () {
    requireNetworkNamespaces(this);
    room = await Room.make();
    const inside = { wrapper: room.enter };
    [server, greedy, modest] = [await Peer.start(inside), await Peer.start(inside), await Peer.start(inside)];
    const bus = await server.number('listen', '@bus');
    const connect = async (client: Peer): Promise<number> => {
      await client.do('connect', '@bus');
      return server.number('accept', bus);
    };
    for (let made = 0; made < many; made++) await connect(greedy);
    await connect(modest);
    await connect(modest);
    // One of the many is told apart by what is asked of it
    await server.do('setOption', await connect(greedy), 'SO_PASSCRED', true);
  });

  after(async () => {
    for (const one of [greedy, modest, server] as (Peer | undefined)[]) await one?.[Symbol.asyncDispose]();
    await (room as Room | undefined)?.[Symbol.asyncDispose]();
  });

  async function text(...args: string[]): Promise<string> {
    const { stdout, stderr, status } = await runPeerpid(['scan', ...args], { wrapper: room.enter });
    assert.deepEqual([stderr, status], ['', 0]);
    return stdout;
  }

  const table = async (...args: string[]): Promise<string[][]> => {
    const stdout = await text('--connections', '--summary', 'none', ...args);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
  };

  it('are one line with their number, and what differs stays apart', async () => {
    const [head, ...lines] = await table();
    assert.deepEqual(head, ['VERDICT', 'TYPE', 'ADDRESS', 'USER', 'SERVICE', 'CLIENT', '×', 'ASKS', 'REMARKS']);
    const service = `node ${server.ownPid}`;
    const [one, other] = [`node ${greedy.ownPid}`, `node ${modest.ownPid}`];
    assert.deepEqual(
      new Set(lines.map((line) => line.join(' | '))),
      new Set([
        `pinned | stream | @bus | root | ${service} | (listens) | - | -`,
        `pinned | stream | @bus | root | ${service} | ${one} | ×${many} | - | -`,
        `pinned | stream | @bus | root | ${service} | ${one} | cred | -`,
        `pinned | stream | @bus | root | ${service} | ${other} | ×2 | - | -`,
      ]),
    );
    assert.equal(lines.length, 4);
  });

  it('are a line each with --each, in CSV and in JSON', async () => {
    const lines = await table('--each');
    assert.equal(lines.length, 1 + 1 + many + 2 + 1);
    assert.ok(!(await text('--each')).includes('×'));
    assert.equal((await text('--csv')).trimEnd().split('\n').length, lines.length);
    assert.equal((JSON.parse(await text('--json')) as ScanDocument).summary.connections, many + 3);
  });

  it('are told apart by the columns that are chosen', async () => {
    assert.deepEqual(
      await table('--columns', 'client,verdict', '--no-header', '--socket', '@bus', '--pid', `${modest.ownPid}`),
      [[`node ${modest.ownPid}`, '×2', 'pinned']],
    );
    assert.equal((await table('--columns', 'client-inode', '--no-header', '--connected')).length, many + 3);
    const [, ...types] = await table('--columns', 'type');
    assert.deepEqual(new Set(types.map((line) => line.join(' '))), new Set(['stream', `stream ×${many}`, 'stream ×2']));
  });

  it('are one block of --long, with the numbers of their sockets', async () => {
    const blocks = (await text('--long', '--pid', `${greedy.ownPid}`)).split('\n\n').slice(0, -1);
    assert.equal(blocks.length, 2);
    const block = blocks.find((one) => one.startsWith(`PINNED  stream  @bus  ×${many}\n`)) ?? '';
    assert.match(
      block,
      new RegExp(
        `^  client +node ${greedy.ownPid} \\(fd (\\d+ ){16}\\+ ${many - 16} more\\); inodes (\\d+ ){16}\\+ ${many - 16} more, `,
        'm',
      ),
    );
    const each = await text('--long', '--each', '--pid', `${greedy.ownPid}`);
    assert.equal(each.split('\n\n').length - 1, many + 1);
    assert.ok(!each.includes('×'));
  });

  it('are one edge of the graph, or with --each an edge each', async () => {
    const edges = async (...args: string[]): Promise<string[]> =>
      (await text('--graph', ...args)).split('\n').filter((line) => /^ {2}"(?!legend).*->/.test(line));
    // Both clients are of one program, user and unit
    assert.equal((await edges()).length, 1);
    assert.equal((await edges('--each')).length, many + 3);
  });

  it('are counted by who has them', async () => {
    const counted = async (by: string, ...args: string[]): Promise<string[]> =>
      (await text('--by', by, '--summary', 'none', ...args)).trimEnd().split('\n');
    assert.deepEqual(
      (await counted('client')).map((line) => line.split(/ {2,}/)),
      [
        ['VERDICT', 'CONNECTIONS', 'OTHERS', 'CLIENT'],
        ['pinned', `${many + 1}`, '0', `node ${greedy.ownPid}`],
        ['pinned', '2', '0', `node ${modest.ownPid}`],
      ],
    );
    assert.deepEqual(
      (await counted('service', '--no-header')).map((line) => line.split(/ {2,}/)),
      [['pinned', `${many + 3}`, '1', `node ${server.ownPid}`]],
    );
    const user = (await counted('user', '--no-header'))[0]?.split(/ {2,}/);
    assert.deepEqual(user?.slice(0, 3), ['pinned', `${many + 3}`, '1']);
    assert.match((await text('--by', 'unit')).trim(), /^VERDICT.*UNIT\n(.*\n)+\n\d+ sockets: /);
  });

  it('are counted in JSON, too, by its schema', async () => {
    const { counts, sockets } = JSON.parse(await text('--by', 'client', '--json')) as ScanDocument;
    assert.deepEqual(counts, {
      by: 'client',
      rows: [greedy, modest].map(({ ownPid }, index) => ({
        name: `node ${ownPid}`,
        pid: ownPid,
        connections: index === 0 ? many + 1 : 2,
        others: 0,
        verdict: 'pinned',
      })),
    });
    assert.equal(sockets.length, 2 * (many + 3) + 1);
    const uid = process.geteuid?.();
    const byUser = JSON.parse(await text('--by', 'user', '--json')) as ScanDocument;
    assert.deepEqual(
      byUser.counts?.rows.map((row) => [row.uid, row.connections, row.others]),
      [[uid, many + 3, 1]],
    );
  });

  it('are counted in a table or in JSON only', async () => {
    for (const other of [
      ['--csv'],
      ['--long'],
      ['--graph'],
      ['--summary', 'only'],
      ['--watch'],
      ['--columns', 'type'],
    ]) {
      const { status, stderr } = await runPeerpid(['scan', '--by', 'client', ...other]);
      assert.equal(status, 2, other.join(' '));
      assert.match(stderr, /--by/);
    }
  });
});
