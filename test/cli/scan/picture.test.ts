import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

import { assertProblemText } from '../../helpers/assert-problem.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

/** Nobody has such a socket: an empty graph is drawn as any other. */
const nothing = ['scan', '--graph', '--socket', '@peerpid-test-nobody'];

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
    const expected = { status: 1, message: /^dot of Graphviz, which draws svg, is not/, hint: /^Install graphviz; or/ };
    assertProblemText(await runPeerpid([...nothing, '--output', directory.file('x.svg')], { wrapper }), expected);
    assert.equal(readFileSync(directory.file('x.svg'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(directory.path), ['x.svg']);
  });

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
