import assert from 'node:assert/strict';

import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { ScanScene } from '../../helpers/peers/scan-scene.js';
import { runInTerminal } from '../../helpers/running/terminal.js';

const all = ['VERDICT', 'TYPE', 'ADDRESS', 'USER', 'SERVICE', 'CLIENT', 'ASKS', 'REMARKS'];

describe('peerpid scan in a terminal', () => {
  let scene: ScanScene;

  before(async function () {
    requirePrograms(this, 'tmux');
    requireNetworkNamespaces(this);
    scene = await ScanScene.make();
  });

  after(async () => {
    await (scene as ScanScene | undefined)?.[Symbol.asyncDispose]();
  });

  for (const columns of [60, 80, 200]) {
    it(`fits into ${columns} columns, and names the columns for which there is no room`, async () => {
      const { lines } = await runInTerminal(columns, ['scan', '--connections'], scene.room.enter);
      for (const line of lines) assert.ok(line.length <= columns, `${line.length} columns: ${line}`);
      const shown = (lines[0] ?? '').split(/ +/);
      const dropped = all.filter((heading) => !shown.includes(heading));
      const note = lines.find((line) => line.startsWith('No room for '));
      assert.equal(note, dropped.length === 0 ? undefined : `No room for ${dropped.join(', ')}: --long shows all.`);
      assert.deepEqual(dropped, columns === 200 ? [] : ['TYPE', 'ASKS']);
      assert.equal(
        lines.findIndex((line) => line === ''),
        9,
        lines.join('\n'),
      );
      assert.match(lines[1] ?? '', /^exited /);
      const text = lines.join(' ');
      assert.match(text, /9 sockets: 4 connections, 2 listeners, 1 datagram receiver/);
      assert.match(text, /credentials: exited 1, pinned 5, none 3/);
      assert.equal(text.includes('…'), columns < 200, 'what is cut has a mark');
    });

    it(`--long fits into ${columns} columns, and cuts nothing`, async () => {
      const { lines } = await runInTerminal(columns, ['scan', '--long'], scene.room.enter);
      for (const line of lines) assert.ok(line.length <= columns, `${line.length} columns: ${line}`);
      const text = lines.map((line) => line.trim()).join(' ');
      assert.ok(!text.includes('…'));
      assert.ok(text.includes(`PID ${scene.ended}, uid root (0), gid root (0), as of connect(2); nobody has that PID`));
    });
  }

  it('paints verdicts, and nothing with --no-color', async () => {
    const { painted } = await runInTerminal(200, ['scan', '--connections'], scene.room.enter);
    assert.match(painted, /\x1b\[[\d;]*m *exited/);
    const plain = await runInTerminal(200, ['scan', '--connections', '--no-color'], scene.room.enter);
    assert.ok(!plain.painted.includes('\x1b'), plain.painted);
  });
});
