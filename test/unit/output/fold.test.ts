import assert from 'node:assert/strict';

import stringWidth from 'string-width';

import { fold } from '../../../src/output/fold.js';
import { assertLinear } from '../../helpers/cost.js';

describe('fold', () => {
  it('breaks at blanks, and indents all lines but the first', () => {
    assert.equal(fold('one two three four five', 12, 2), 'one two\n  three four\n  five');
  });

  it('keeps an indentation at the start', () => {
    assert.equal(fold('    -> one two three', 14, 7), '    -> one two\n       three');
  });

  it('leaves what has room, and everything without a width', () => {
    assert.equal(fold('one two', 7, 2), 'one two');
    assert.equal(fold('one two '.repeat(50), undefined, 2), 'one two '.repeat(50));
  });

  it('breaks no letter from the marks on it', () => {
    for (const lead of ['', 'x']) {
      assert.doesNotMatch(fold(lead + 'e\u0301'.repeat(99), 20, 2), /[\s]\p{M}/u);
    }
  });

  it('breaks a word that is longer than a line', () => {
    assert.equal(fold('x'.repeat(25), 12, 2), `${'x'.repeat(12)}\n  ${'x'.repeat(10)}\n  xxx`);
  });

  for (const text of ['one two ', 'x', ' ', '日本']) {
    it(`takes time by the text: '${text}'`, () => {
      assertLinear(5000, (size) => {
        const long = text.repeat(size);
        return () => fold(long, 80, 8);
      });
    });
  }

  for (const text of [
    'one two '.repeat(40),
    'x'.repeat(300),
    '日本語 한국어'.repeat(30),
    '🦀 '.repeat(80),
    'e\u0301'.repeat(99),
  ]) {
    it(`is never wider than the terminal, and loses nothing: ${text.slice(0, 10)}`, () => {
      for (let width = 20; width <= 120; width++) {
        const folded = fold(text, width, 8);
        for (const line of folded.split('\n')) assert.ok(stringWidth(line) <= width, line);
        assert.equal(folded.replace(/\s/g, ''), text.replace(/\s/g, ''));
      }
    });
  }
});
