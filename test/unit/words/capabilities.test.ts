import assert from 'node:assert/strict';

import { capabilityNames } from '../../../src/document/capabilities.js';

describe('capabilityNames', () => {
  for (const [set, names] of [
    [0n, []],
    [1n, ['cap_chown']],
    [1n << 19n, ['cap_sys_ptrace']],
    [(1n << 21n) | (1n << 39n) | (1n << 40n), ['cap_sys_admin', 'cap_bpf', 'cap_checkpoint_restore']],
    [(1n << 41n) | (1n << 63n), ['cap_41', 'cap_63']],
  ] as const) {
    it(`0x${set.toString(16)} is ${names.join(' ') || 'none'}`, () => {
      assert.deepEqual(capabilityNames(set), names);
    });
  }

  it('knows 41 of them', () => {
    assert.equal(capabilityNames((1n << 41n) - 1n).filter((name) => /^cap_[a-z_]+$/.test(name)).length, 41);
  });
});
