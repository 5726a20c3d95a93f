// What is released, and where it goes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Not in the repository. */
export const folder = join(root, 'release');

export const tarball = join(folder, `peerpid-${version}.tgz`);
