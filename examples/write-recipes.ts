/**
 * Writes what the scenes print into the man pages and README.md, where it is something else by now, or of those that are named:
 *
 *     npm run recipes [NAME ...]
 *
 * It takes root, and the programs that each needs; what a missing program would print is left as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { typedIn, withBlocks } from './blocks.js';
import { playedByName } from './played-by-name.js';
import { pagesWithScenes } from './pages-with-scenes.js';
import { isSameBlock } from './same-output.js';
import { scenes } from './scenes.js';

const named = process.argv.slice(2);
const shown = await playedByName(scenes, named);
for (const name of pagesWithScenes()) {
  const path = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const page = readFileSync(path, 'utf8');
  const written = withBlocks(name, page, (block) => {
    const typed = typedIn(block, shown.get(block.scene) ?? []);
    if (typed === undefined) return undefined;
    return named.length > 0 || !isSameBlock(block, typed) ? block.written(typed) : undefined;
  });
  if (written !== page) writeFileSync(path, written);
}
