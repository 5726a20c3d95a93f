// Writes oclif.manifest.json, with which the bundle knows every command without loading any, and from which completions
// and tests have them.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Plugin, settings } from '@oclif/core';

const root = fileURLToPath(new URL('..', import.meta.url));
const pjson = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));
pjson.oclif.commands = { strategy: 'pattern', target: './build/src/commands' };
settings.enableAutoTranspile = false;
const plugin = new Plugin({
  errorOnManifestCreate: true,
  ignoreManifest: true,
  isRoot: true,
  pjson,
  respectNoCacheDefault: true,
  root,
});
await plugin.load();
await writeFile(`${root}/oclif.manifest.json`, `${JSON.stringify(plugin.manifest, null, 2)}\n`);
