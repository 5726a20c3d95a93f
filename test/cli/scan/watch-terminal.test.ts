import assert from 'node:assert/strict';

import { NetworkNamespace, requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { Peer } from '../../helpers/peers/peer.js';
import { prepareEach } from '../../helpers/prepare-each.js';
import { after as theEnd, LiveTerminal } from '../../helpers/running/live-terminal.js';
import { waitFor } from '../../helpers/wait-for.js';

describe('peerpid scan --watch in a terminal', () => {
  let namespace: NetworkNamespace;
  let server: Peer;
  let client: Peer;

  before(function () {
    requirePrograms(this, 'tmux');
    requireNetworkNamespaces(this);
  });

  prepareEach(async (keep) => {
    namespace = keep(await NetworkNamespace.make());
    server = keep(await Peer.start({ wrapper: namespace.enter }));
    client = keep(await Peer.start({ wrapper: namespace.enter }));
    await server.do('listen', '@app');
  });

  function open(columns: number, rows: number, seconds = '1'): LiveTerminal {
    return new LiveTerminal(columns, rows, ['scan', '--watch', seconds], namespace.enter);
  }

  for (const columns of [60, 80, 200]) {
    it(`marks what came, changed and went, in ${columns} columns`, async () => {
      using terminal = open(columns, 30);
      await terminal.shows(/^peerpid scan {2}\d\d:\d\d:\d\d, every 1 s {2}\+0 -0 ~0/m);
      await terminal.shows(/^ {2}pinned .*@app .*\(listens\)/m);
      assert.ok(terminal.is('alternate_on') && !terminal.is('cursor_flag'));
      const fd = await client.number('bindAndConnect', '@mine', '@app');
      await terminal.shows(/^\+ pinned .*@app/m);
      await client.do('title', 'renamed');
      await terminal.shows(/^~ pinned .*renamed/m);
      await client.do('close', fd);
      await terminal.shows(/^- pinned .*renamed/m);
      await terminal.shows(/^\d\d:\d\d:\d\d - pinned /m);
      await terminal.shows(/\+0 -0 ~0/);
      for (const line of terminal.lines) assert.ok(line.length <= columns, line);
    });
  }

  for (const [what, key, status] of [
    ['q', 'q', 0],
    ['Ctrl-C', 'C-c', 0],
  ] as const) {
    it(`leaves the terminal as it was, by ${what}`, async () => {
      using terminal = open(80, 24);
      await terminal.shows(/peerpid scan/);
      terminal.press(key);
      await terminal.shows(new RegExp(`^before it began\n${theEnd} ${status}$`, 'm'));
      assert.ok(!terminal.is('alternate_on') && terminal.is('cursor_flag') && terminal.is('wrap_flag'));
    });
  }

  it('cuts the table to the height, what happened first, and draws again when it is resized', async () => {
    for (let number = 0; number < 20; number++) await server.do('listen', `@other${number}`, 'seqpacket');
    using terminal = open(100, 12, '2');
    await terminal.shows(/^ {2}and \d+ more$/m);
    assert.doesNotMatch(terminal.text, /@zzz/);
    await server.do('listen', '@zzz');
    await terminal.shows(/^\+ pinned .*@zzz/m);
    terminal.resize(100, 40);
    await terminal.shows(/@other0 [^]*@other9 /);
    assert.doesNotMatch(terminal.text, /more$/m);
    terminal.press('q');
    await terminal.shows(new RegExp(theEnd));
  });

  it('goes on by itself after Ctrl-Z where nobody could continue it', async () => {
    using terminal = open(80, 24, '0.2');
    await terminal.shows(/every 0\.2 s/);
    // It leaves the screen for a moment only
    const written = terminal.record();
    terminal.press('C-z');
    await waitFor('it leaves the screen, and comes back', () => /\x1b\[\?1049l[^]*\x1b\[\?1049h/.test(written()));
    await terminal.shows(/every 0\.2 s/);
    assert.ok(terminal.is('alternate_on') && !terminal.is('cursor_flag'));
    terminal.press('q');
    await terminal.shows(new RegExp(`^before it began\n${theEnd} 0$`, 'm'));
  });

  it('pauses by the space bar', async () => {
    using terminal = open(80, 24, '0.2');
    await terminal.shows(/every 0\.2 s/);
    terminal.press('Space');
    await terminal.shows(/, paused .*space goes on/);
    await server.do('listen', '@later');
    terminal.resize(90, 24);
    await terminal.shows(/, paused /);
    assert.doesNotMatch(terminal.text, /@later/);
    terminal.press('Space');
    await terminal.shows(/every 0\.2 s[^]*@later/);
  });
});
