import assert from 'node:assert/strict';

import { factsFromProc } from '../../../src/identity/process-facts.js';
import { processFacts, refused } from '../../helpers/facts.js';

describe('the exit status of a zombie', () => {
  const { stat } = processFacts;
  const facts = (waitStatus: number): typeof processFacts => ({
    ...processFacts,
    stat: 'value' in stat ? { value: { ...stat.value, state: 'Z', waitStatus } } : stat,
  });

  it('is what /proc says', () => {
    assert.deepEqual(factsFromProc(42, 7n, 'zombie', facts(0x700)).exitStatus, { code: 7 });
    assert.deepEqual(factsFromProc(42, 7n, 'zombie', facts(0)).exitStatus, { code: 0 });
  });

  it('is not taken for 0 where the kernel hides it', () => {
    const hidden = { ...facts(0), namespaces: refused<never>('EACCES') };
    assert.equal(factsFromProc(42, 7n, 'zombie', hidden).exitStatus, undefined);
  });

  it('is none of a process that runs', () => {
    assert.equal(factsFromProc(42, 7n, 'running', facts(0x700)).exitStatus, undefined);
  });
});
