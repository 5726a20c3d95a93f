/**
 * Writes what the recipes print into man/peerpid-recipes.7:
 *
 *     npm run recipes [NAME ...]
 *
 * It takes root, and the programs that each needs; a recipe whose program is missing is left as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { asSource, withBlocks } from './man-page.js';
import { played } from './namespace.js';
import { missingPrograms } from './programs.js';
import { recipes } from './recipes.js';
import type { Shown } from './shown.js';

const page = fileURLToPath(new URL('../../man/peerpid-recipes.7', import.meta.url));
const only = process.argv.slice(2);
const shown = new Map<string, readonly (Shown | null)[]>();
for (const [name, { needs }] of Object.entries(recipes)) {
  if (only.length > 0 && !only.includes(name)) continue;
  const missing = missingPrograms(needs);
  process.stdout.write(`${name}${missing.length > 0 ? `: left as it is, without ${missing.join(', ')}` : ''}\n`);
  if (missing.length === 0) shown.set(name, await played(name));
}
const written = withBlocks(readFileSync(page, 'utf8'), ({ recipe, first, last }) => {
  const commands = shown.get(recipe);
  const typed = (commands ?? []).slice(first - 1, last).filter((one) => one !== null);
  return typed.length === last - first + 1 ? asSource(typed) : undefined;
});
writeFileSync(page, written);
