import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { folder } from './package.js';

/** Of all that is released, as sha256sum(1) checks them. */
export function writeChecksums() {
  const name = 'SHA256SUMS';
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== name)
    .map((entry) => entry.name)
    .sort();
  const lines = files.map(
    (file) =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex')}  ${file}\n`,
  );
  writeFileSync(join(folder, name), lines.join(''));
  process.stdout.write(lines.join(''));
  return `${files.length} files`;
}
