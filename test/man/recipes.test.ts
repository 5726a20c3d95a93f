import assert from 'node:assert/strict';

import { asSource, blocksIn } from '../../examples/man-page.js';
import { played } from '../../examples/namespace.js';
import { recipes } from '../../examples/recipes.js';
import { isSameBlock } from '../../examples/same-output.js';
import { scenes } from '../../examples/scenes.js';
import { requireScene } from '../helpers/machine/require-scene.js';
import { pages, readRepositoryFile } from '../helpers/pages.js';

const blocks = pages().flatMap((page) => blocksIn(readRepositoryFile(page)).map((block) => ({ ...block, page })));

describe('what man pages show of commands that were typed', function () {
  this.timeout(60_000);

  it('is all of the scenes, each command once, and the recipes in their page', () => {
    const shown = blocks.map(({ scene }) => scene);
    assert.deepEqual([...new Set(shown)].sort(), Object.keys(scenes).sort());
    const inPage = blocks.filter(({ page }) => page === 'man/peerpid-recipes.7').map(({ scene }) => scene);
    assert.deepEqual([...new Set(inPage)], Object.keys(recipes));
    for (const name of Object.keys(scenes)) {
      let next = 1;
      for (const { first, last } of blocks.filter(({ scene }) => scene === name)) {
        assert.equal(first, next, name);
        next = last + 1;
      }
    }
  });

  for (const [name, { needs }] of Object.entries(scenes)) {
    it(`${name}: its commands print what the page has`, async function () {
      await requireScene(this, needs);
      const commands = await played(name);
      const own = blocks.filter(({ scene }) => scene === name);
      assert.equal(own.at(-1)?.last, commands.length, `not all commands of ${name} are in a page`);
      for (const { page, first, last, source } of own) {
        const typed = commands.slice(first - 1, last).filter((one) => one !== null);
        if (typed.length < last - first + 1) {
          if (this.test !== undefined) this.test.title += ` (but ${String(first)}, whose program is missing)`;
          continue;
        }
        if (isSameBlock(source, typed)) continue;
        const message = `${typed.map(({ command }) => command).join(', ')} prints something else than ${page} has: run \`npm run recipes\`, and look at what changes`;
        // Both whole, for who looks at the difference
        assert.equal(asSource(typed), source, message);
        assert.fail(message);
      }
    });
  }
});
