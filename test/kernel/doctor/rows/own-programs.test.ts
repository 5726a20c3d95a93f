import assert from 'node:assert/strict';
import { constants } from 'node:os';

import type { DoctorDocument, DoctorRow } from '../../../../src/document/doctor-document.js';
import { libbpfHidden } from '../../../helpers/machine/libbpf-hidden.js';
import { requirePrograms } from '../../../helpers/machine/requirements.js';
import { refusing } from '../../../helpers/machine/seccomp.js';
import { runPeerpid } from '../../../helpers/running/run-peerpid.js';
import { requireTracing } from '../../../helpers/running/traced-events.js';

const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

/** The row, and the exit status when it alone is asked for. */
async function rowOf(
  wrapper: readonly string[] = [],
  id = 'trace',
): Promise<{ row: DoctorRow; status: number | null }> {
  const { stdout, status } = await runPeerpid(['doctor', id, '--json'], { wrapper });
  const [row] = (JSON.parse(stdout) as DoctorDocument).rows;
  assert.equal(row?.id, id);
  return { row, status };
}

describe('doctor, where our own BPF programs are concerned', () => {
  before(function () {
    this.timeout(20_000);
    requireTracing(this);
  });

  it('loads and attaches the programs', async () => {
    const { row, status } = await rowOf();
    assert.equal(row.ability, 'works', row.detail);
    assert.match(row.detail, /^loads and attaches the programs of `trace`, by libbpf 1\.\d+$/);
    assert.equal(status, 0);
  });

  it('works with two capabilities and no other, and with neither alone', async function () {
    requirePrograms(this, 'setpriv');
    const abilities = ['bpf,+perfmon', 'bpf', 'perfmon'].map(
      async (names) => (await rowOf(['setpriv', `--bounding-set=-all,+${names}`])).row.ability,
    );
    assert.deepEqual(await Promise.all(abilities), ['works', 'may-not', 'may-not']);
  });

  it('says what it takes to somebody who may not', async function () {
    requirePrograms(this, 'setpriv', 'unshare');
    for (const wrapper of [asNobody, ['unshare', '--user', '--map-root-user']]) {
      const { row, status } = await rowOf(wrapper);
      assert.deepEqual([row.ability, row.error?.code, status], ['may-not', 'EPERM', 4]);
      assert.match(row.fix ?? '', /^Run it as root outside of containers: this needs CAP_BPF and CAP_PERFMON/);
      assert.match(row.without ?? '', /^`trace`/);
    }
  });

  it('says the same in a sandbox without bpf(2)', async function () {
    requirePrograms(this, 'python3');
    const { row } = await rowOf(refusing('bpf', constants.errno.EPERM));
    assert.deepEqual([row.ability, row.error?.code], ['may-not', 'EPERM']);
  });

  for (const id of ['trace', 'scan-by-bpf']) {
    it(`says which package has the library that is not here: ${id}`, async function () {
      requirePrograms(this, 'unshare', 'mount', 'ldconfig');
      const { row, status } = await rowOf(libbpfHidden, id);
      assert.deepEqual(row.error, { syscall: 'dlopen libbpf.so.1', code: 'ENOENT' });
      assert.deepEqual([row.ability, status], ['does-not', 4]);
      assert.match(row.fix ?? '', /package libbpf1/);
    });

    it(`says where the kernel does not tell where its fields are: ${id}`, async function () {
      requirePrograms(this, 'unshare', 'mount');
      const hidden = 'mount -t tmpfs none /sys/kernel/btf && exec "$@"';
      const { row } = await rowOf(['unshare', '--mount', 'sh', '-c', hidden, 'sh'], id);
      assert.equal(row.ability, 'does-not');
      assert.match(row.detail, /^There is no \/sys\/kernel\/btf\/vmlinux/);
      assert.match(row.fix ?? '', /CONFIG_DEBUG_INFO_BTF/);
    });
  }
});
