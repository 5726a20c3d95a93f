import assert from 'node:assert/strict';

import stringWidth from 'string-width';

import { cut } from '../../../src/output/width.js';

describe('cut', () => {
  for (const [text, columns, expected] of [
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['', 3, ''],
    ['abc', 1, '…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['🦀🦀', 3, '🦀…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ] as const) {
    it(`${text || 'nothing'} to ${columns}`, () => {
      assert.equal(cut(text, columns), expected);
    });
  }

  it('never gives more columns, nor cuts a character', () => {
    const text = 'aé日🦀e\u0301한'.repeat(20);
    for (let columns = 1; columns < 150; columns++) assert.ok(stringWidth(cut(text, columns)) <= columns);
  });
});
