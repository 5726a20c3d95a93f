import assert from 'node:assert/strict';

import { worstOf } from '../../../src/cli/exit-status.js';

describe('worstOf', () => {
  for (const [statuses, worst] of [
    [[], 0],
    [[0, 2], 2],
    [[2, 1, 0], 1],
    [[1, 4, 2], 4],
    [[4, 3, 1, 2, 0], 3],
  ] as const) {
    it(`${statuses.join(', ')}: ${worst}`, () => {
      assert.equal(worstOf(statuses), worst);
    });
  }
});
