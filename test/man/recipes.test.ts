import assert from 'node:assert/strict';

import { blocksIn, typedIn } from '../../examples/blocks.js';
import { played } from '../../examples/namespace.js';
import { pagesWithScenes } from '../../examples/pages-with-scenes.js';
import { recipes } from '../../examples/recipes.js';
import { isSameBlock } from '../../examples/same-output.js';
import { scenes } from '../../examples/scenes.js';
import { requireScene } from '../helpers/machine/require-scene.js';
import { readRepositoryFile } from '../helpers/pages.js';

const blocks = pagesWithScenes().flatMap((page) =>
  blocksIn(page, readRepositoryFile(page)).map((block) => ({ ...block, page })),
);

describe('what man pages and README show of commands that were typed', function () {
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
      for (const block of own) {
        const { page, first, source } = block;
        const typed = typedIn(block, commands);
        if (typed === undefined) {
          if (this.test !== undefined) this.test.title += ` (but ${String(first)}, whose program is missing)`;
          continue;
        }
        if (isSameBlock(block, typed)) continue;
        const message = `${typed.map(({ command }) => command).join(', ')} prints something else than ${page} has: run \`npm run recipes\`, and look at what changes`;
        // Both whole, for who looks at the difference
        assert.equal(block.written(typed), source, message);
        assert.fail(message);
      }
    });
  }
});
