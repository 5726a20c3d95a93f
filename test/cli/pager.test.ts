import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

import { requireNetworkNamespaces } from '../helpers/machine/network-namespace.js';
import { childrenOf } from '../helpers/machine/pid-namespace.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { ScanScene } from '../helpers/peers/scan-scene.js';
import { after as ended, LiveTerminal } from '../helpers/running/live-terminal.js';
import { waitFor } from '../helpers/wait-for.js';

/** The last line of the summary. */
const last = /not looked into: 1 other network namespace/;

describe('output that is longer than the terminal', () => {
  let scene: ScanScene;

  before(async function () {
    requirePrograms(this, 'tmux', 'less');
    requireNetworkNamespaces(this);
    scene = await ScanScene.make();
  });

  after(async () => {
    await (scene as ScanScene | undefined)?.[Symbol.asyncDispose]();
  });

  const env = ['env', '-u', 'PAGER', '-u', 'LESS', '-u', 'SUDO_UID'];

  function show(rows: number, environment: readonly string[], ...args: string[]): LiveTerminal {
    return new LiveTerminal(100, rows, ['scan', ...args], [...scene.room.enter, ...env, ...environment]);
  }

  /** The last in a line of processes, each the child of the one before. */
  function lastOf(pid: number): number {
    const [child] = childrenOf(pid);
    return child === undefined ? pid : lastOf(child);
  }

  it('is read in less, the summary first, and ends as without it', async () => {
    using terminal = show(12, []);
    await terminal.shows(/^9 sockets: .*\n[^]*\nADDRESS[^]*\n:$/m);
    terminal.press('G');
    await terminal.shows(/\(END\)/);
    terminal.press('q');
    await terminal.shows(new RegExp(`${ended} 3`));
    assert.ok(!terminal.is('alternate_on'), 'what was read stays');
  });

  it('is read on after Ctrl-C', async () => {
    // Without nsenter(1) in between, which ends by it
    using terminal = new LiveTerminal(100, 5, ['inspect', '--long', scene.log], env);
    await terminal.shows(/^:$/m);
    terminal.press('C-c');
    // The terminal throws away with it what was typed meanwhile
    await waitFor('less goes to the end', () => {
      terminal.press('G');
      return terminal.text.includes('(END)');
    });
    assert.match(readFileSync(`/proc/${lastOf(terminal.program)}/cmdline`, 'latin1'), /less/);
    terminal.press('q');
    await terminal.shows(new RegExp(`${ended} [03]`));
  });

  it('ends as without it where less is left early', async () => {
    using terminal = show(8, [], '--long');
    await terminal.shows(/^:$/m);
    terminal.press('q');
    await terminal.shows(new RegExp(`${ended} 3`));
    assert.doesNotMatch(terminal.text, /EPIPE|rror/);
  });

  it('is read in $PAGER with its arguments, which gets no descriptor but the standard ones', async () => {
    using terminal = show(12, ['PAGER=ls  /proc/self/fd', 'LESS=']);
    await terminal.shows(new RegExp(`${ended} 3`));
    // The last one is of ls itself
    assert.match(terminal.text, /^0 {2}1 {2}2 {2}3$/m);
    using printed = show(12, ['PAGER=printenv LESS']);
    await printed.shows(/^FRX$/m);
  });

  for (const [title, rows, environment, ...args] of [
    ['is printed at once with an empty $PAGER', 12, ['PAGER=']],
    ['is printed at once by cat', 12, ['PAGER=cat']],
    ['is printed at once with --no-pager', 12, [], '--no-pager'],
    ['is printed at once on a dumb terminal', 12, ['TERM=dumb']],
    ['is printed at once where there is no such program', 12, ['PAGER=no-such-program']],
    ['is printed at once where $PAGER is of the current directory', 12, ['PAGER=./less']],
    ['is printed at once where it is not', 40, []],
  ] as const) {
    it(`${title}, the summary last`, async () => {
      using terminal = show(rows, environment, ...args);
      await terminal.shows(new RegExp(`${last.source}[^]*${ended} 3`));
    });
  }

  it('has the answer of inspect first', async () => {
    using terminal = new LiveTerminal(100, 8, ['inspect', '@app'], [...scene.room.enter, ...env]);
    await terminal.shows(/PID .*[^]*\n:$/m);
    terminal.press('q');
    await terminal.shows(new RegExp(`${ended} [03]`));
    using printed = new LiveTerminal(100, 8, ['inspect', '--no-pager', '@app'], [...scene.room.enter, ...env]);
    await printed.shows(new RegExp(`^holders [^]*${ended} [03]`, 'm'));
  });

  it('lets nobody start programs who is root by sudo(8)', async () => {
    using terminal = show(12, ['SUDO_UID=1000', 'PAGER=printenv']);
    await terminal.shows(/^:$/m);
    terminal.press('!');
    await terminal.shows(/not available/i);
    terminal.press('Enter', 'q');
    await terminal.shows(new RegExp(`${ended} 3`));
  });

  it('ends with its pager where a signal ends it', async () => {
    using terminal = show(12, []);
    await terminal.shows(/^:$/m);
    const pager = lastOf(terminal.program);
    assert.match(readFileSync(`/proc/${pager}/cmdline`, 'latin1'), /less/);
    const [, peerpid] = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pager}/status`, 'latin1')) ?? [];
    process.kill(Number(peerpid), 'SIGTERM');
    await terminal.shows(new RegExp(`${ended} 143`));
    await waitFor('the pager has ended', () => !existsSync(`/proc/${pager}`));
  });
}).timeout(30_000);
