// Bundles the command line into dist/cli.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { writeBundles } from './bundles.js';

const metafile = await writeBundles('dist/cli', false);

// Others' code goes out with their licences
const packages = new Set(
  // Without what stands for a package in bundles.js: that of another name is there, too
  Object.keys(metafile.inputs).flatMap((path) => /^([^:]*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
);
const licences = await Promise.all(
  [...packages].sort().map(async (path) => {
    const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    const text = await licenceText(path);
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  }),
);
// Some are installed more than once
await writeFile('dist/cli/LICENSES.txt', [...new Set(licences)].join(`\n${'-'.repeat(72)}\n\n`));

async function licenceText(path) {
  const name = (await readdir(path)).find((file) => /^licen[cs]e/i.test(file));
  if (name === undefined) throw new Error(`${path} carries no licence text`);
  return readFile(join(path, name), 'utf8');
}
