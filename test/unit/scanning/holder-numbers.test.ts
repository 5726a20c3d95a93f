import assert from 'node:assert/strict';

import type { Holder } from '../../../native-probe/proc/socket-holders.js';
import { HolderNumbers } from '../../../src/scanning/holder-numbers.js';

function holder(pid: number, pidfdId: bigint | undefined = BigInt(1000 + pid), ...fds: number[]): Holder {
  return { pid, thread: undefined, pidfdId, comm: Buffer.from('x'), fds };
}

describe('the numbers of those who have a socket open', () => {
  it('are the same for the same processes, whatever their descriptors', () => {
    const numbers = new HolderNumbers();
    const [one, other] = [holder(1, 9n, 3), holder(2, 8n, 4)];
    const [alone, together] = [numbers.of([one]), numbers.of([one, other])];
    assert.equal(numbers.of([holder(1, 9n, 5, 6)]), alone);
    assert.equal(numbers.of([holder(1, 9n, 7), holder(2, 8n, 7)]), together);
  });

  it('are others for others, for nobody, and for who has the number now', () => {
    const numbers = new HolderNumbers();
    const sets = [[], [holder(1)], [holder(2)], [holder(1), holder(2)], [holder(1, 5n)], [holder(1), holder(2, 5n)]];
    assert.equal(new Set(sets.map((holders) => numbers.of(holders))).size, sets.length);
  });
});
