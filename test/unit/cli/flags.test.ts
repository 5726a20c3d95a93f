import assert from 'node:assert/strict';

import { parseSeconds } from '../../../src/cli/flags.js';
import { Problem } from '../../../src/words/problem.js';

describe('parseSeconds', () => {
  for (const [typed, milliseconds] of [
    ['5', 5000],
    ['0.5', 500],
    ['0', 0],
    ['0.0001', 1],
    ['2147483.647', 2 ** 31 - 1],
  ] as const) {
    it(`takes ${typed}`, () => {
      assert.equal(parseSeconds(typed), milliseconds);
    });
  }

  for (const typed of ['', '-1', '1e3', '.5', '5.', '5s', 'Infinity', '0x10', ' 5', '2147483.648', '9'.repeat(400)]) {
    it(`refuses ${typed.slice(0, 20) || 'nothing'}`, () => {
      assert.throws(
        () => parseSeconds(typed),
        (error) => error instanceof Problem && error.exitStatus === 2,
      );
    });
  }
});
