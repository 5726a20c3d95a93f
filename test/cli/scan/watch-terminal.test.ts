import assert from 'node:assert/strict';

import { NetworkNamespace, requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { childrenOf } from '../../helpers/machine/connections.js';
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
    requirePrograms(this, 'tmux', 'bash');
    requireNetworkNamespaces(this);
  });

  prepareEach(async (keep) => {
    namespace = keep(await NetworkNamespace.make());
    server = keep(await Peer.start({ wrapper: namespace.enter }));
    client = keep(await Peer.start({ wrapper: namespace.enter }));
    await server.do('listen', '@app');
  });

  function open(columns: number, rows: number, seconds = '1', wrapper: readonly string[] = []): LiveTerminal {
    return new LiveTerminal(columns, rows, ['scan', '--watch', seconds], [...wrapper, ...namespace.enter]);
  }

  /** The numbers of the sockets that are shown, in their order. */
  function others(terminal: LiveTerminal): number[] {
    return [...terminal.text.matchAll(/^.*@other(\d+) /gm)].map(([, number]) => Number(number));
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

  function isAsBefore(terminal: LiveTerminal): void {
    assert.ok(!terminal.is('alternate_on') && terminal.is('cursor_flag') && terminal.is('wrap_flag'));
  }

  for (const [what, key] of [
    ['q', 'q'],
    ['Ctrl-C', 'C-c'],
  ] as const) {
    it(`leaves the terminal as it was, by ${what}`, async () => {
      using terminal = open(80, 24);
      await terminal.shows(/peerpid scan/);
      terminal.press(key);
      await terminal.shows(new RegExp(`^before it began\n${theEnd} 0$`, 'm'));
      isAsBefore(terminal);
    });
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`leaves the terminal as it was, by ${signal}`, async () => {
      using terminal = open(80, 24);
      await terminal.shows(/peerpid scan/);
      process.kill(terminal.program, signal);
      await terminal.shows(new RegExp(`^before it began\n${theEnd} 0$`, 'm'));
      isAsBefore(terminal);
    });
  }

  /** A shell with job control, which says how the terminal is while the job is stopped and at its end. */
  const shell = [
    ...['bash', '--norc', '-mc'],
    'says() { echo "$1 $2"; stty -a | grep -Eo "(^|[ -])(icanon|isig|echo)\\b" | tr -d "\\n"; echo; }; "$@"; says stopped $?; read -r; fg >/dev/null; says ended $?',
    'shell',
  ];

  for (const [what, stop] of [
    [
      'Ctrl-Z',
      (terminal: LiveTerminal) => {
        terminal.press('C-z');
      },
    ],
    [
      'SIGTSTP',
      (terminal: LiveTerminal) => {
        process.kill(childrenOf(terminal.program)[0] ?? 0, 'SIGTSTP');
      },
    ],
  ] as const) {
    it(`stops by ${what} with the terminal as it was, and goes on`, async () => {
      using terminal = open(80, 24, '0.2', shell);
      await terminal.shows(/every 0\.2 s/);
      stop(terminal);
      await terminal.shows(/^stopped 148\n *isig icanon echo$/m);
      isAsBefore(terminal);
      terminal.press('Enter');
      await terminal.shows(/every 0\.2 s[^]*@app/);
      assert.ok(terminal.is('alternate_on') && !terminal.is('cursor_flag'));
      // Keys are read again, and it stops once more
      terminal.press('?');
      await terminal.shows(/^KEYS$/m);
      terminal.press('q');
      await terminal.shows(/^ended 0\n *isig icanon echo$/m);
      isAsBefore(terminal);
    });
  }

  it('ends by Ctrl-\\ as by SIGQUIT, with the terminal as it was', async () => {
    using terminal = open(80, 24, '0.2', shell);
    await terminal.shows(/every 0\.2 s/);
    terminal.press('C-\\');
    await terminal.shows(/^stopped 131\n *isig icanon echo$/m);
    isAsBefore(terminal);
  });

  it('shows no keys where none can be pressed', async () => {
    using terminal = open(80, 24, '0.2', ['sh', '-c', 'exec "$@" </dev/null', 'sh']);
    await terminal.shows(/every 0\.2 s[^]*@app/);
    assert.doesNotMatch(terminal.text, /quit|help/);
    process.kill(terminal.program, 'SIGTERM');
    await terminal.shows(new RegExp(`^before it began\n${theEnd} 0$`, 'm'));
  });

  it('scrolls, counts what happens out of sight, and draws again when it is resized', async () => {
    for (let number = 10; number < 40; number++) await server.do('listen', `@other${number}`, 'seqpacket');
    using terminal = open(100, 15, '2');
    await terminal.shows(/^ {2}lines 1 to \d of 31$/m);
    const first = others(terminal);
    const [page] = first.slice(-1);
    assert.equal(first[0], 10);
    terminal.press('NPage');
    await terminal.shows(new RegExp(`REMARKS\n.*@other${page} `));
    terminal.press('Down', 'j', 'Up');
    await terminal.shows(new RegExp(`REMARKS\n.*@other${(page ?? 0) + 1} `));
    terminal.press('End');
    await terminal.shows(/@other39 .*\n {2}lines \d+ to 31 of 31$/m);
    const fd = await client.number('listen', '@aaa');
    await terminal.shows(/@other39 .*\n {2}lines \d+ to 32 of 32, out of sight: \+1$/m);
    await client.do('close', fd);
    await terminal.shows(/@other39 .*\n {2}lines \d+ to 32 of 32, out of sight: -1$/m);
    terminal.press('g');
    await terminal.shows(/REMARKS\n.*@a/);
    terminal.resize(100, 50);
    await terminal.shows(/@other10 [^]*@other39 /);
    assert.doesNotMatch(terminal.text, /lines/m);
  });

  it('filters while one types, without another look', async () => {
    await server.do('listen', '@Other');
    await client.do('listen', '@of-client');
    await client.do('title', 'special');
    using terminal = open(80, 24, '600');
    await terminal.shows(/@app [^]*@of-client /);
    const [looked] = terminal.lines;
    terminal.press('/', 'O', 'T', 'H');
    await terminal.shows(/^\/OTH_? +1 of 3 {2}Enter keep {2}Esc clear$/m);
    assert.match(terminal.text, /REMARKS\n +pinned .*@Other .*\n\n/);
    terminal.press('BSpace', 'BSpace', 'BSpace', 's', 'p', 'e', 'c', 'q');
    await terminal.shows(/^ {2}nothing has that in it$/m);
    terminal.press('BSpace', 'Enter');
    await terminal.shows(/^\/spec {2}1 of 3 {2}Esc clear {2}q quit {2}\? help/m);
    assert.match(terminal.text, /REMARKS\n +pinned .*@of-client .*\n\n/);
    terminal.press('Escape');
    await terminal.shows(/@app [^]*@of-client [^]*\nq quit/);
    assert.equal(terminal.lines[0], looked);
  });

  it('sorts by a column, which its heading shows, and the other way round', async () => {
    for (const number of [12, 10, 11]) await server.do('listen', `@other${number}`);
    using terminal = open(110, 24, '600');
    await terminal.shows(/@other12 /);
    terminal.press('s', 's', 's', 'r');
    await terminal.shows(/by ADDRESS, reversed$/m);
    assert.match(terminal.text, /VERDICT  TYPE +ADDRESS↓ +USER +SERVICE /);
    assert.deepEqual(others(terminal), [12, 11, 10]);
    terminal.press('r');
    await terminal.shows(/ADDRESS↑ /);
    assert.deepEqual(others(terminal), [10, 11, 12]);
    terminal.press('S', 'S', 'S');
    await terminal.shows(/ADDRESS /);
    assert.doesNotMatch(terminal.text, /by /);
  });

  it('shows sockets without a name after the others', async () => {
    await client.do('socketpair');
    using terminal = open(100, 24);
    await terminal.shows(/@app [^]*pinned +stream +- /);
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
    await terminal.shows(/, paused [^]*Space go on/);
    await server.do('listen', '@later');
    terminal.resize(90, 24);
    await terminal.shows(/, paused /);
    assert.doesNotMatch(terminal.text, /@later/);
    terminal.press('Space');
    await terminal.shows(/every 0\.2 s[^]*@later/);
  });
});
