/**
 * Writes what the scenes print into the man pages, where it is something else by now, or of those that are named:
 *
 *     npm run recipes [NAME ...]
 *
 * It takes root, and the programs that each needs; what a missing program would print is left as it is.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { asSource, withBlocks } from './man-page.js';
import { playedByName } from './played-by-name.js';
import { isSameBlock } from './same-output.js';
import { scenes } from './scenes.js';

const man = fileURLToPath(new URL('../../man', import.meta.url));
const named = process.argv.slice(2);
const shown = await playedByName(scenes, named);
for (const name of readdirSync(man)) {
  const page = readFileSync(`${man}/${name}`, 'utf8');
  const written = withBlocks(page, ({ scene, first, last, source }) => {
    const typed = (shown.get(scene) ?? []).slice(first - 1, last).filter((one) => one !== null);
    const isWhole = typed.length === last - first + 1;
    return isWhole && (named.length > 0 || !isSameBlock(source, typed)) ? asSource(typed) : undefined;
  });
  if (written !== page) writeFileSync(`${man}/${name}`, written);
}
