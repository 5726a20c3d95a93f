import assert from 'node:assert/strict';

import { asSource, blocksIn } from '../../examples/man-page.js';
import { played } from '../../examples/namespace.js';
import { missingPrograms } from '../../examples/programs.js';
import { recipes } from '../../examples/recipes.js';
import { steady } from '../../examples/same-output.js';
import type { Shown } from '../../examples/shown.js';
import { requireKernel } from '../helpers/machine/kernel-gives.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { readRepositoryFile } from '../helpers/pages.js';

const page = 'man/peerpid-recipes.7';
const blocks = blocksIn(readRepositoryFile(page));

/** Whether a block has what was typed now, as far as that does not differ from run to run. */
function isSame(source: string, typed: readonly Shown[]): boolean {
  const [only] = typed;
  if (typed.length === 1 && only?.says !== undefined) {
    const text = source.replaceAll('\\-', '-').replace(/\s+/g, ' ');
    return text.includes(only.command) && new RegExp(only.says).test(text);
  }
  return steady(source) === steady(asSource(typed));
}

describe(`recipes in ${page}`, function () {
  this.timeout(60_000);

  before(function () {
    requirePrograms(this, 'unshare', 'script', 'setpriv', 'python3');
    requireThat(this, isRoot, 'it takes root, to make users and services of their own');
  });

  it('are those that there are, each command of theirs once', () => {
    assert.deepEqual([...new Set(blocks.map(({ recipe }) => recipe))], Object.keys(recipes));
    for (const name of Object.keys(recipes)) {
      let next = 1;
      for (const { first, last } of blocks.filter(({ recipe }) => recipe === name)) {
        assert.equal(first, next, name);
        next = last + 1;
      }
    }
  });

  for (const [name, { needs }] of Object.entries(recipes)) {
    it(`${name}: its commands print what the page has`, async function () {
      const missing = missingPrograms(needs);
      if (missing.length > 0) requirePrograms(this, ...missing);
      await requireKernel(this, 'a pidfd of a peer that is reaped');
      await requireKernel(this, 'exit statuses (PIDFD_GET_INFO)');
      const commands = await played(name);
      const own = blocks.filter(({ recipe }) => recipe === name);
      assert.equal(own.at(-1)?.last, commands.length, `${page} does not have all commands of ${name}`);
      for (const { first, last, source } of own) {
        const typed = commands.slice(first - 1, last).filter((one) => one !== null);
        if (typed.length < last - first + 1) {
          if (this.test !== undefined) this.test.title += ` (but ${String(first)}, whose program is missing)`;
          continue;
        }
        if (isSame(source, typed)) continue;
        // Both whole, for who looks at the difference
        const message = `${typed.map(({ command }) => command).join(', ')} prints something else than ${page} has: run \`npm run recipes\`, and look at what changes`;
        assert.equal(asSource(typed), source, message);
        assert.fail(message);
      }
    });
  }
});
