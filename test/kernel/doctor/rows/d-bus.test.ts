import assert from 'node:assert/strict';

import type { DoctorDocument, DoctorRow } from '../../../../src/document/doctor-document.js';
import { libsystemdHidden } from '../../../helpers/machine/libsystemd-hidden.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { runPeerpid } from '../../../helpers/running/run-peerpid.js';

async function rowOf(wrapper: readonly string[] = []): Promise<{ row: DoctorRow; status: number | null }> {
  const { stdout, status } = await runPeerpid(['doctor', 'libsystemd', '--json'], { wrapper });
  const [row] = (JSON.parse(stdout) as DoctorDocument).rows;
  assert.equal(row?.id, 'libsystemd');
  return { row, status };
}

describe('doctor, where D-Bus is concerned', () => {
  it('has libsystemd begin to speak', async () => {
    const { row, status } = await rowOf();
    assert.deepEqual([row.ability, status], ['works', 0], row.detail);
    assert.match(row.detail, /^authenticates as a client of a bus, /);
  });

  it('says where libsystemd comes from', async function () {
    requirePrograms(this, 'unshare');
    requireThat(this, isRoot, 'hides it in a mount namespace');
    const { row, status } = await rowOf(libsystemdHidden);
    assert.deepEqual([row.ability, row.error?.code, status], ['does-not', 'ENOENT', 4]);
    assert.match(row.fix ?? '', /libsystemd0/);
    assert.match(row.without ?? '', /^`bus`/);
  });
});
