import assert from 'node:assert/strict';

import { withWatchValue } from '../../../src/cli/watch-argument.js';

describe('withWatchValue', () => {
  for (const [typed, given] of [
    ['--json', '--json'],
    ['--watch', '--watch=2'],
    ['--watch --json', '--watch=2 --json'],
    ['--watch 5', '--watch=5'],
    ['--watch 0.5 docker', '--watch=0.5 docker'],
    ['--watch=5 7', '--watch=5 7'],
    ['--watch docker', '--watch=2 docker'],
    ['docker --watch', 'docker --watch=2'],
    ['--watch 5s', '--watch=5s'],
    ['--watch -1', '--watch=-1'],
    ['--watch -- 5', '--watch=2 -- 5'],
    ['-- --watch 5', '-- --watch 5'],
  ] as const) {
    it(`makes of ${typed}: ${given}`, () => {
      assert.deepEqual(withWatchValue(typed.split(' ')), given.split(' '));
    });
  }
});
