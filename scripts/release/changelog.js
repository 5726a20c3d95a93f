import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root, version } from './package.js';

/**
 * What the changelog says of this version: a section of its own with its date, which a release needs; before that what
 * is not released yet.
 *
 * @throws Error where there is neither, or a release has no section
 */
export function changelog({ dryRun }) {
  const sections = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').split(/^(?=## )/m);
  const own = sections.find((section) => section.startsWith(`## [${version}] - `));
  if (own === undefined && !dryRun) throw new Error(`CHANGELOG.md has no "## [${version}] - DATE"`);
  const shown = own ?? sections.find((section) => section.startsWith('## [Unreleased]'));
  if (shown === undefined) throw new Error(`CHANGELOG.md has neither "## [${version}]" nor "## [Unreleased]"`);
  process.stdout.write(shown);
  return own === undefined ? `not released yet: its heading becomes "## [${version}] - DATE"` : undefined;
}
