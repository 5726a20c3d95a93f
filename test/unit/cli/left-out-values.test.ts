import assert from 'node:assert/strict';

import { withLeftOutValues } from '../../../src/cli/left-out-values.js';

describe('withLeftOutValues', () => {
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
    ['-w', '--watch=2'],
    ['-w 5 docker', '--watch=5 docker'],
    ['-- -w 5', '-- -w 5'],
    ['--csv', '--csv=plain'],
    ['--csv safe', '--csv=safe'],
    ['--csv docker', '--csv=plain docker'],
    ['--csv -- safe', '--csv=plain -- safe'],
    ['--csv=safe --csv', '--csv=safe --csv=plain'],
    ['-- --csv', '-- --csv'],
  ] as const) {
    it(`makes of ${typed}: ${given}`, () => {
      assert.deepEqual(withLeftOutValues(typed.split(' ')), given.split(' '));
    });
  }

  it('puts a blank before a name by which it is sorted backwards, which is no short option', () => {
    assert.deepEqual(withLeftOutValues(['--sort', '-service', '-x']), ['--sort', ' -service', '-x']);
    assert.deepEqual(withLeftOutValues(['--sort=-service,type']), ['--sort', ' -service,type']);
    for (const typed of [
      ['--sort', 'service', '-x'],
      ['--sort', '--json'],
      ['--sort'],
      ['--', '--sort', '-service'],
      ['--', '--sort=-service'],
    ]) {
      assert.deepEqual(withLeftOutValues(typed), typed);
    }
  });
});
