// A single executable that writes a code cache of the other: V8 takes a cache of its own kind alone, so it is made
// where it is to be used.
import { writeFileSync } from 'node:fs';
import { getRawAsset } from 'node:sea';

import { compile, runModule } from '../../src/cli/load-bundle.ts';
import { warmRuns } from '../warm-runs.js';

const [, , name, address, output] = process.argv;
const bundle = `dist/cli/${name}`;

const script = compile(bundle, Buffer.from(getRawAsset(bundle)), undefined);
const { commandLine } = runModule(bundle, script, (id) => process.getBuiltinModule(id));
warmRuns(name, commandLine, '.', address).then(() => {
  writeFileSync(output, script.createCachedData());
});
