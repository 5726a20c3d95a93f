import assert from 'node:assert/strict';

import stringWidth from 'string-width';

import { cut, cutStart } from '../../../src/output/width.js';
import { assertLinear } from '../../helpers/cost.js';

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

  it('shows no text without end for taking no columns', () => {
    for (const marks of [100, 10_000]) {
      assert.equal(cut(`a${'\u0301'.repeat(marks)}bc`, 3), '…');
      assert.equal(cut(`ab${'\u0301'.repeat(marks)}`, 3), 'a…');
      assert.equal(cutStart(`a${'\u0301'.repeat(marks)}bc`, 3), '…bc');
      assert.equal(cutStart(`ab${'\u0301'.repeat(marks)}`, 3), '…');
    }
  });

  for (const [what, text] of Object.entries({ ASCII: 'abcd', wide: '日本', marks: '\u0301\u0302' })) {
    it(`takes time by the text at most: ${what}`, () => {
      assertLinear(20_000, (size) => {
        const long = `a${text.repeat(size)}`;
        return () => [cut(long, 200), cutStart(long, 200)];
      });
    });
  }

  it('never gives more columns, nor cuts a character', () => {
    const text = 'aé日🦀e\u0301한'.repeat(20);
    for (let columns = 1; columns < 150; columns++) assert.ok(stringWidth(cut(text, columns)) <= columns);
  });
});
