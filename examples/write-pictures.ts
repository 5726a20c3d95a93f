/**
 * Draws the pictures of docs/ from what commands print, where that is something else by now:
 *
 *     npm run pictures [NAME ...]
 *
 * It takes root, and the programs that each needs.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { pictures } from './pictures.js';
import { playedByName } from './played-by-name.js';
import { isSamePicture } from './same-output.js';
import { terminalSvg, textOfSvg } from './terminal-svg.js';

for (const [name, shown] of await playedByName(pictures, process.argv.slice(2))) {
  const file = fileURLToPath(new URL(`../../docs/${name}.svg`, import.meta.url));
  const [typed] = shown;
  if (typed === undefined || typed === null) continue;
  if (existsSync(file) && isSamePicture(textOfSvg(readFileSync(file, 'utf8')), typed)) continue;
  const bold = `\x1b[1m${typed.command}\x1b[22m`;
  writeFileSync(file, terminalSvg(typed.command, `${bold}\n${typed.output}`));
}
