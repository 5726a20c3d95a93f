import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

import { assertProblemText } from '../../helpers/assert-problem.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { asUser, nobody, publicDirectory } from '../../helpers/peers/service.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

/** Nobody has such a socket: an empty graph is drawn as any other. */
const nothing = ['scan', '--graph', '--allow-empty', '--socket', '@peerpid-test-nobody'];

describe('a picture of peerpid scan --graph', () => {
  for (const [file, starts] of [
    ['x.svg', /^<\?xml [^]*<svg /],
    ['x.PNG', /^\x89PNG\r\n/],
    ['x.pdf', /^%PDF-/],
  ] as const) {
    it(`is drawn into ${file}`, async function () {
      requirePrograms(this, 'dot');
      using directory = new TemporaryDirectory();
      const { stdout, stderr, status } = await runPeerpid([...nothing, '--output', directory.file(file)]);
      assert.deepEqual([stdout, stderr, status], ['', '', 0]);
      assert.match(readFileSync(directory.file(file), 'latin1'), starts);
      assert.deepEqual(readdirSync(directory.path), [file]);
    });
  }

  it('is not drawn into a file of another name', async () => {
    using directory = new TemporaryDirectory();
    const { status } = await runPeerpid([...nothing, '--output', directory.file('svg')]);
    assert.equal(status, 0);
    assert.match(readFileSync(directory.file('svg'), 'utf8'), /^digraph /);
  });

  it('leaves the old one where dot is not installed', async () => {
    using directory = new TemporaryDirectory();
    writeFileSync(directory.file('x.svg'), 'old');
    const wrapper = ['env', 'PATH=/nonexistent'];
    const expected = {
      status: 1,
      message: /^dot of Graphviz, which draws pictures, is not/,
      hint: /^Install graphviz; or/,
    };
    assertProblemText(await runPeerpid([...nothing, '--output', directory.file('x.svg')], { wrapper }), expected);
    assert.equal(readFileSync(directory.file('x.svg'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(directory.path), ['x.svg']);
  });

  /** A dot that others may change: it leaves a mark when it is run, and draws nothing. */
  const plant = (programs: TemporaryDirectory, mode: number): void => {
    writeFileSync(programs.file('dot'), `#!/bin/sh\n: >${programs.file('was-run')}\n`);
    chmodSync(programs.file('dot'), 0o755);
    chmodSync(programs.path, mode);
  };

  it('is not drawn as root by a dot that others may change', async function () {
    requireThat(this, isRoot, 'needs root');
    using directory = new TemporaryDirectory();
    using programs = new TemporaryDirectory();
    plant(programs, 0o777);
    const wrapper = ['env', `PATH=${programs.path}`];
    const expected = {
      status: 1,
      message: /^dot of Graphviz is not run from \S+\/dot, because (\S+) can be changed by others than root$/,
      hint: /^Use a \$PATH of directories that only root can change, such as \/usr\/bin; or name a file that ends in \.dot\.$/,
    };
    const outcome = await runPeerpid([...nothing, '--output', directory.file('x.svg')], { wrapper });
    assertProblemText(outcome, expected);
    assert.ok(outcome.stderr.includes(` ${programs.path} can be changed by others`));
    assert.deepEqual([readdirSync(directory.path), readdirSync(programs.path)], [[], ['dot']]);
  });

  it('is drawn by the next one that root alone may change', async function () {
    requireThat(this, isRoot, 'needs root');
    requirePrograms(this, 'dot');
    using directory = new TemporaryDirectory();
    using programs = new TemporaryDirectory();
    plant(programs, 0o777);
    const wrapper = ['env', `PATH=${programs.path}:/usr/bin:/bin`];
    const { status } = await runPeerpid([...nothing, '--output', directory.file('x.svg')], { wrapper });
    assert.equal(status, 0);
    assert.match(readFileSync(directory.file('x.svg'), 'utf8'), /<svg /);
    assert.deepEqual(readdirSync(programs.path), ['dot']);
  });

  for (const relative of ['', '.']) {
    it(`is not drawn by the dot of a relative part of $PATH: '${relative}', whoever runs it`, async function () {
      requireThat(this, isRoot, 'needs root, to be another user');
      requirePrograms(this, 'setpriv');
      using directory = publicDirectory();
      using programs = new TemporaryDirectory();
      plant(programs, 0o777);
      chmodSync(directory.path, 0o777);
      for (const user of [[], asUser(nobody)]) {
        const wrapper = [...user, 'env', `PATH=/nonexistent:${relative}`];
        const args = [
          'scan',
          '--no-audit',
          '--graph',
          '--socket',
          '@peerpid-test-nobody',
          '--output',
          directory.file('x.svg'),
        ];
        const outcome = await runPeerpid(args, { wrapper, cwd: programs.path });
        assert.equal(outcome.status, 1);
        assert.match(outcome.stderr, /^peerpid: dot of Graphviz is not run from dot, because .* of \$PATH is relative/);
        assert.deepEqual([readdirSync(directory.path), readdirSync(programs.path)], [[], ['dot']]);
      }
    });
  }

  it('leaves the old one where dot fails, and tells what dot said', async () => {
    using directory = new TemporaryDirectory();
    using programs = new TemporaryDirectory();
    writeFileSync(directory.file('x.svg'), 'old');
    writeFileSync(programs.file('dot'), '#!/bin/sh\necho "no such \x1b[31mformat" >&2\nexit 3\n');
    chmodSync(programs.file('dot'), 0o755);
    const wrapper = ['env', `PATH=${programs.path}`];
    const expected = { status: 1, message: /^dot -Tsvg failed: no such \\x1b\[31mformat$/, hint: /ends in \.dot/ };
    assertProblemText(await runPeerpid([...nothing, '--output', directory.file('x.svg')], { wrapper }), expected);
    assert.equal(readFileSync(directory.file('x.svg'), 'utf8'), 'old');
  });
});
