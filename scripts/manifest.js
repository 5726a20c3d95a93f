// Writes oclif.manifest.json, with which oclif knows every command without loading any.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Plugin } from '@oclif/core';

const root = fileURLToPath(new URL('..', import.meta.url));
const plugin = new Plugin({ errorOnManifestCreate: true, ignoreManifest: true, respectNoCacheDefault: true, root });
await plugin.load();
await writeFile(`${root}/oclif.manifest.json`, `${JSON.stringify(plugin.manifest, null, 2)}\n`);
