import assert from 'node:assert/strict';

import { played } from '../../examples/namespace.js';
import { pictures } from '../../examples/pictures.js';
import { isSamePicture } from '../../examples/same-output.js';
import { asText } from '../../examples/shown.js';
import { textOfSvg } from '../../examples/terminal-svg.js';
import { requireScene } from '../helpers/machine/require-scene.js';
import { readRepositoryFile } from '../helpers/pages.js';

describe('pictures in docs/', function () {
  this.timeout(60_000);

  for (const [name, { needs }] of Object.entries(pictures)) {
    it(`${name}.svg shows what the command prints`, async function () {
      await requireScene(this, needs);
      const [typed, ...more] = await played(name);
      assert.ok(typed !== undefined && typed !== null && more.length === 0);
      const shown = textOfSvg(readRepositoryFile(`docs/${name}.svg`));
      if (isSamePicture(shown, typed)) return;
      const message = `${typed.command} prints something else than docs/${name}.svg shows: run \`npm run pictures\`, and look at them`;
      assert.equal(asText([typed]), shown, message);
      assert.fail(message);
    });
  }
});
