import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

import type { TraceEvent } from '../../src/document/trace-event.js';
import { requirePrograms } from '../helpers/machine/requirements.js';
import { SystemdRoot } from '../helpers/machine/systemd-root.js';
import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { readRepositoryFile } from '../helpers/pages.js';
import { peerpid } from '../helpers/running/run-peerpid.js';
import { requireTracing } from '../helpers/running/traced-events.js';
import { waitFor } from '../helpers/wait-for.js';

const service = readRepositoryFile('docs/systemd/peerpid-trace.service');

/** There may be no peerpid among the installed programs. */
const installed = service.replaceAll('=peerpid ', `=${process.execPath} ${peerpid} `);

/** Other tests have the path that the unit has. */
const own = '/run/peerpid-test-trace-unit.sock';

const plain = '[Unit]\nDefaultDependencies=no\n';
const lines = '/run/peerpid-trace.lines';

const units = {
  'system/docker.socket': `${plain}[Socket]\nListenStream=${own}\n`,
  'system/docker.service': `${plain}[Service]\nExecStart=sleep infinity\n`,
  'system/peerpid-trace.service': installed
    .replace(/(?<=^ExecStart=.* )\S+$/m, own)
    .replace(/^\[Unit\]\n/m, plain)
    // In place of the journal, which is not there
    .replace(/^\[Service\]\n/m, `[Service]\nStandardOutput=file:${lines}\nStandardError=inherit\n`),
};

function eventsIn(systemd: SystemdRoot): TraceEvent[] {
  return (
    systemd
      // systemd starts with the first of them, and this may not be written yet
      .run('sh', '-c', 'cat "$0" || test ! -e "$0"', lines)
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as TraceEvent)
  );
}

describe('the example unit of trace', function () {
  this.timeout(60_000);

  it('is as systemd wants it', function () {
    requirePrograms(this, 'systemd-analyze');
    using directory = new TemporaryDirectory();
    const unit = directory.file('peerpid-trace.service');
    writeFileSync(unit, installed);
    const verify = ['verify', '--man=no', unit];
    const { status, stdout, stderr } = spawnSync('systemd-analyze', verify, { encoding: 'utf8' });
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
    writeFileSync(unit, `${installed}Nonsense=1\n`);
    assert.match(spawnSync('systemd-analyze', verify, { encoding: 'utf8' }).stderr, /Unknown key .*Nonsense/);
  });

  it('traces with no more than it leaves itself, and ends well when it is stopped', async function () {
    requireTracing(this);
    requirePrograms(this, 'python3');
    await using systemd = await SystemdRoot.start(this, units, ['docker.socket', 'peerpid-trace.service']);
    await waitFor('it traces', () => eventsIn(systemd).some(({ event }) => event === 'start'));
    const connect = `import socket; socket.socket(socket.AF_UNIX).connect("${own}")`;
    systemd.run('python3', '-c', connect);
    await waitFor('it is shown', () => eventsIn(systemd).some(({ event }) => event === 'connect'));
    systemd.run('systemctl', 'stop', 'peerpid-trace.service');
    const properties = ['ActiveState', 'Result', 'CapabilityBoundingSet'].map((name) => `--property=${name}`);
    assert.deepEqual(
      new Set(
        systemd
          .run('systemctl', 'show', ...properties, 'peerpid-trace.service')
          .trim()
          .split('\n'),
      ),
      new Set(['ActiveState=inactive', 'Result=success', 'CapabilityBoundingSet=cap_perfmon cap_bpf']),
    );
    const [, connected, ended] = eventsIn(systemd);
    assert.ok(connected?.event === 'connect' && ended?.event === 'summary');
    assert.deepEqual(
      [connected.address, connected.client.comm, connected.server?.comm, ended.connections],
      [own, 'python3', 'systemd', 1],
    );
  });
});
