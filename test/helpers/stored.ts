import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { programRoot } from './running/program-root.js';

/**
 * Compares text with what is kept in test/stored. With UPDATE_STORED=1 it is kept there, to be looked at before it is
 * committed.
 */
export function assertStored(file: string, text: string): void {
  const path = join(programRoot, 'test/stored', file);
  if (process.env['UPDATE_STORED'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return;
  }
  assert.ok(existsSync(path), `${path} is missing: run the test with UPDATE_STORED=1, and look at it`);
  assert.equal(
    text,
    readFileSync(path, 'utf8'),
    `not as in ${path}; where that is meant, run the test with UPDATE_STORED=1`,
  );
}
