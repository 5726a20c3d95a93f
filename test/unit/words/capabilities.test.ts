import assert from 'node:assert/strict';

import { capabilityNames, hasCapability } from '../../../src/words/capabilities.js';

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

describe('hasCapability', () => {
  it('goes by the bits of <linux/capability.h>', () => {
    // CAP_DAC_OVERRIDE 1, CAP_SETGID 6, CAP_SYS_PTRACE 19, CAP_SYS_ADMIN 21
    const set = (1n << 1n) | (1n << 6n) | (1n << 19n) | (1n << 21n);
    for (const name of ['cap_dac_override', 'cap_setgid', 'cap_sys_ptrace', 'cap_sys_admin'] as const) {
      assert.ok(hasCapability(set, name), name);
      assert.ok(!hasCapability(~set & ((1n << 41n) - 1n), name), name);
    }
  });
});
