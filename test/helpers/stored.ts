import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import stringWidth from 'string-width';

import { programRoot } from './running/program-root.js';

/**
 * Compares what is drawn for terminals of several widths, none of whose lines may be wider, with what is kept in
 * test/stored. With UPDATE_STORED=1 it is kept there, to be looked at before it is committed.
 */
export function assertShape(name: string, draw: (width: number) => string): void {
  for (const width of [60, 80, 120, 200]) {
    const text = draw(width);
    for (const line of text.split('\n')) assert.ok(stringWidth(line) <= width, line);
    assertStored(`${name}-${width}.txt`, text);
  }
}

function assertStored(file: string, text: string): void {
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
