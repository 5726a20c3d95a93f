import assert from 'node:assert/strict';

import { fewOf, mostNamed } from '../../../src/words/few.js';

describe('fewOf', () => {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

  it('names all of few, and says how many more there are than it names', () => {
    assert.deepEqual(fewOf([], String), []);
    assert.deepEqual(fewOf(numbers(3), String, 3), ['0', '1', '2']);
    assert.deepEqual(fewOf(numbers(5), String, 3), ['0', '1', '2', '+ 2 more']);
    assert.equal(fewOf(numbers(mostNamed), String).length, mostNamed);
    assert.equal(fewOf(numbers(mostNamed + 1), String).at(-1), '+ 1 more');
  });

  it('asks for no more texts than it gives', () => {
    const asked: number[] = [];
    fewOf(numbers(65_536), (number) => String(asked.push(number)));
    assert.deepEqual(asked, numbers(mostNamed));
  });
});
