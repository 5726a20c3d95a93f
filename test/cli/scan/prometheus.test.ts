import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { assertProblem } from '../../helpers/assert-problem.js';
import { requireNetworkNamespaces } from '../../helpers/machine/network-namespace.js';
import { requirePrograms } from '../../helpers/machine/requirements.js';
import { ScanScene } from '../../helpers/peers/scan-scene.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';
import { scan } from '../../helpers/running/scan.js';

describe('peerpid scan --prometheus', function () {
  this.timeout(60_000);

  it('prints what promtool finds nothing wrong with, and what --json counts', async function () {
    requireNetworkNamespaces(this);
    requirePrograms(this, 'promtool');
    await using scene = await ScanScene.make();
    const inside = { wrapper: scene.room.enter };
    const before = Date.now() / 1000;
    const { stdout, stderr, status } = await runPeerpid(['scan', '--prometheus'], inside);
    const after = Date.now() / 1000;
    assert.equal(stderr, '');
    assert.equal(status, 3);
    const promtool = spawnSync('promtool', ['check', 'metrics'], { input: stdout, encoding: 'utf8' });
    assert.equal(promtool.stdout + promtool.stderr, '');
    assert.equal(promtool.status, 0);

    const samples = new Map(
      stdout.split('\n').flatMap((line): [string, number][] => {
        const [, series = '', number = ''] = /^([^#\s]\S*) (\S+)$/.exec(line) ?? [];
        return series === '' ? [] : [[series, Number(number)]];
      }),
    );
    const sum = (metric: string): number =>
      [...samples].reduce((total, [series, number]) => total + (series.startsWith(`${metric}{`) ? number : 0), 0);
    const { summary } = (await scan([], inside)).document;
    assert.equal(sum('peerpid_connections'), summary.connections);
    assert.equal(samples.get('peerpid_connections{verdict="exited"}'), 1);
    assert.equal(samples.get('peerpid_connections{verdict="pinned"}'), 2);
    for (const [verdict, number] of Object.entries(summary.verdicts)) {
      assert.equal(samples.get(`peerpid_credentials{verdict="${verdict}"}`), number, verdict);
    }
    assert.equal(samples.get('peerpid_sockets'), summary.sockets);
    assert.equal(samples.get('peerpid_listeners'), summary.listening);
    assert.equal(samples.get('peerpid_datagram_receivers'), summary.receivers);
    assert.equal(samples.get('peerpid_findings{finding="file-deleted",severity="warning"}'), 1);
    const time = samples.get('peerpid_scan_timestamp_seconds') ?? 0;
    assert.ok(time >= before && time <= after, `${before} ${time} ${after}`);
    const duration = samples.get('peerpid_scan_duration_seconds') ?? 0;
    assert.ok(duration > 0 && duration <= after - before, String(duration));
  });

  it('is not printed with --long', async () => {
    await assertProblem(['scan', '--prometheus', '--long'], {
      status: 2,
      message: /exclude each other$/,
      hint: /Give one of/,
    });
  });
});
