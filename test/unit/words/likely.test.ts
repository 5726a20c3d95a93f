import assert from 'node:assert/strict';

import { likelyMeant } from '../../../src/words/likely.js';

describe('likelyMeant', () => {
  const names = ['doctor', 'inspect', 'listen', 'race', 'scan', 'send', '--no-connect', '--connections', '--connected'];
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['inspct', ['inspect']],
    ['insepct', ['inspect']],
    ['isnpcet', ['inspect']],
    ['lisen', ['listen']],
    ['sacn', ['scan']],
    ['senf', ['send']],
    ['sen', ['send']],
    ['scand', ['scan']],
    ['--noconnect', ['--no-connect']],
    ['--connection', ['--connections']],
    ['--connecte', ['--connected']],
    // Two letters in four are another word
    ['stun', []],
    ['bogus', []],
    ['', []],
  ];

  for (const [typed, meant] of cases) {
    it(`${typed === '' ? 'nothing' : typed}: ${meant.join(', ') || 'none'}`, () => {
      assert.deepEqual(likelyMeant(typed, names), meant);
    });
  }

  it('tells of two that are equally near', () => {
    assert.deepEqual(likelyMeant('car', ['cat', 'can', 'dog']), ['cat', 'can']);
  });
});
