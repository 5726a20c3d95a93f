import assert from 'node:assert/strict';

import { played } from '../../examples/namespace.js';
import { pictures } from '../../examples/pictures.js';
import { missingPrograms } from '../../examples/programs.js';
import { isSamePicture } from '../../examples/same-output.js';
import { textOfSvg } from '../../examples/terminal-svg.js';
import { plain } from '../../examples/terminal-text.js';
import { requireKernel } from '../helpers/machine/kernel-gives.js';
import { isRoot, requirePrograms, requireThat } from '../helpers/machine/requirements.js';
import { readRepositoryFile } from '../helpers/pages.js';

describe('pictures in docs/', function () {
  this.timeout(60_000);

  for (const [name, { needs }] of Object.entries(pictures)) {
    it(`${name}.svg shows what the command prints`, async function () {
      requirePrograms(this, 'unshare', 'script', 'setpriv', 'python3', ...missingPrograms(needs));
      requireThat(this, isRoot, 'it takes root, to make users and services of their own');
      await requireKernel(this, 'a pidfd of a peer that is reaped');
      await requireKernel(this, 'exit statuses (PIDFD_GET_INFO)');
      const [typed, ...more] = await played(name);
      assert.ok(typed !== undefined && typed !== null && more.length === 0);
      const shown = textOfSvg(readRepositoryFile(`docs/${name}.svg`));
      if (isSamePicture(shown, typed)) return;
      const message = `${typed.command} prints something else than docs/${name}.svg shows: run \`npm run pictures\`, and look at them`;
      assert.equal(plain(`${typed.command}\n${typed.output}`), shown, message);
      assert.fail(message);
    });
  }
});
