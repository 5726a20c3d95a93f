import assert from 'node:assert/strict';

import { knownServices } from '../../../src/doctor/services/known-services.js';
import { serviceRows } from '../../../src/doctor/services/services.js';
import { processStat } from '../../../native-probe/proc/process.js';
import { assertProblem } from '../../helpers/assert-problem.js';
import { CgroupDirectory } from '../../helpers/machine/cgroup-directory.js';
import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from '../../helpers/machine/requirements.js';
import { BusClient, startBus } from '../../helpers/peers/bus.js';
import { publicDirectory } from '../../helpers/peers/service.js';
import { bus, connectionOf } from '../../helpers/running/bus.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('peerpid bus --polkit', () => {
  before(function () {
    requirePrograms(this, 'dbus-daemon', 'python3');
  });

  it('says what polkit goes by where the bus gives no pidfd, by a PID as well', async () => {
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    await using client = await BusClient.start(directory.file('bus'));
    await using _other = await BusClient.start(directory.file('bus'));
    const { document, status } = await bus(directory.file('bus'), ['--polkit', `${client.pid}`]);
    assert.equal(status, 3);
    assert.deepEqual(
      document.connections.map(({ uniqueName }) => uniqueName),
      [client.uniqueName],
    );
    const { polkit } = connectionOf(document, client.uniqueName);
    assert.deepEqual([polkit?.goesBy, polkit?.deceived], ['start-time', 'possible']);
    assert.equal(polkit?.startTicks, processStat(client.pid).startTicks);
    const [installed] = await serviceRows({
      kernelGives: true,
      services: knownServices.filter(({ id }) => id === 'polkit'),
    });
    assert.equal(polkit.version, installed?.version);
    const text = await runPeerpid(['bus', '--address', directory.file('bus'), '--polkit', client.uniqueName]);
    assert.match(text.stdout, /^polkit +polkit.* since the bus gives no pidfd, goes by PID \d+/m);
    assert.match(text.stdout, /^session +(none|not known|\S+,)/m);
  });

  it('says that it takes another process for the client', async function () {
    requirePidNamespaces(this);
    using directory = publicDirectory();
    await using namespace = await PidNamespace.make();
    const { enter: wrapper } = namespace;
    await using _daemon = await startBus(directory, { wrapper });
    await using client = await BusClient.start(directory.file('bus'), { wrapper });
    const before = await bus(directory.file('bus'), [], { wrapper });
    const { pid = 0 } = connectionOf(before.document, client.uniqueName).credentials ?? {};
    await client.handOver();
    await namespace.init.do('spawnAs', pid, ['sleep', '60']);
    const { document } = await bus(directory.file('bus'), ['--polkit', client.uniqueName], { wrapper });
    const { polkit } = connectionOf(document, client.uniqueName);
    assert.equal(polkit?.deceived, 'yes');
    assert.match(polkit.text, new RegExp(`That is sleep ${pid}, which is not the client\\.`));
  });

  it('shows the session and the seat as logind has them', async function () {
    requireThat(this, isRoot, 'makes a cgroup, and mounts');
    requirePrograms(this, 'unshare');
    using directory = publicDirectory();
    await using _daemon = await startBus(directory);
    using cgroup = CgroupDirectory.make(this, 'session-peerpid1.scope');
    await using client = await BusClient.start(directory.file('bus'));
    cgroup.add(client.pid);
    const logind = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      `mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd && mkdir /run/systemd/sessions /run/systemd/seats &&
      printf 'UID=1000\\nACTIVE=1\\nSTATE=active\\nREMOTE=0\\nCLASS=user\\nSEAT=seat0\\n' >/run/systemd/sessions/peerpid1 && exec "$@"`,
      'sh',
    ];
    const { document } = await bus(directory.file('bus'), ['--polkit', client.uniqueName], { wrapper: logind });
    const { polkit } = connectionOf(document, client.uniqueName);
    assert.deepEqual(polkit?.session, { id: 'peerpid1', seat: 'seat0', active: true, remote: false, class: 'user' });
    const unknown = await bus(directory.file('bus'), ['--polkit', client.uniqueName]);
    assert.deepEqual(connectionOf(unknown.document, client.uniqueName).polkit?.session, { id: 'peerpid1', seat: null });
  });

  it('needs to know of whom', async () => {
    await assertProblem(['bus', '--polkit'], {
      status: 2,
      message: /^--polkit needs a name or a PID$/,
      hint: /:1\.42/,
    });
    await assertProblem(['bus', '--watch', '12'], { status: 2, message: /^--watch takes no PID$/, hint: /names/ });
  });
});
