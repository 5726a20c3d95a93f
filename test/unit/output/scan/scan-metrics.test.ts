import assert from 'node:assert/strict';

import { connectionsOf } from '../../../../src/connections/connections.js';
import { summaryOf } from '../../../../src/connections/summary.js';
import type { ScannedSocketDocument } from '../../../../src/document/scan-document.js';
import { scanMetrics } from '../../../../src/output/scan/scan-metrics.js';
import { allSeen } from '../../../helpers/document.js';

type Row = ScannedSocketDocument;

function row(inode: number, more: Partial<Row>): Row {
  return { inode, type: 'stream', state: 'connected', holders: [], findings: [], unavailable: [], ...more };
}

function metrics(sockets: readonly Row[], reasons: readonly string[] = []): string {
  const document = {
    sockets,
    processes: [],
    networkNamespaces: [],
    summary: summaryOf(sockets),
    notSeen: {
      ...allSeen,
      processes: [{ pid: 1 }, { pid: 2 }],
      withoutHolder: 3,
      notAsked: 4,
      networkNamespaces: 5,
      reasons: reasons.map((reason) => ({ fact: 'holders' as const, reason })),
    },
    source: { by: 'proc' as const },
  };
  return scanMetrics(document, connectionsOf(sockets), {
    host: 'here',
    version: '1.2.3',
    endedAt: 1_700_000_000.5,
    duration: 0.25,
  });
}

/** The value of a series. */
function value(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  assert.ok(line, `no ${series} in\n${text}`);
  return Number(line.slice(series.length + 1));
}

const traced = { id: 'traced', severity: 'warning', text: 'a "text" that\nis not shown' } as const;
const sockets = [
  row(1, { peerInode: 2, verdict: 'exited', findings: [traced, { ...traced, text: 'again' }] }),
  row(2, { peerInode: 1, verdict: 'pinned' }),
  row(3, { state: 'listening', address: '@a"\n', verdict: 'pinned', findings: [{ ...traced, severity: 'info' }] }),
  row(4, { state: 'unconnected', type: 'dgram', address: '@log', verdict: 'none' }),
  row(5, { type: 'dgram', peerInode: 4, verdict: 'none' }),
  row(6, {}),
];

describe('the metrics of a scan', () => {
  const text = metrics(sockets);

  it('count connections by the worse verdict of their ends, and sockets by their own', () => {
    const connections = { contradicted: 0, recycled: 0, exited: 1, pinned: 0, none: 1, not_asked: 1 };
    for (const [verdict, count] of Object.entries(connections)) {
      assert.equal(value(text, `peerpid_connections{verdict="${verdict}"}`), count, verdict);
    }
    for (const [verdict, count] of Object.entries({ foreign: 0, exited: 1, pinned: 2, none: 2 })) {
      assert.equal(value(text, `peerpid_credentials{verdict="${verdict}"}`), count, verdict);
    }
  });

  it('count sockets by finding and severity', () => {
    assert.equal(value(text, 'peerpid_findings{finding="traced",severity="warning"}'), 1);
    assert.equal(value(text, 'peerpid_findings{finding="traced",severity="info"}'), 1);
  });

  it('have the rest of the summary, and what could not be seen', () => {
    for (const [name, number] of Object.entries({
      sockets: 6,
      listeners: 1,
      datagram_receivers: 1,
      not_seen_processes: 2,
      sockets_without_holder: 3,
      sockets_not_asked: 4,
      network_namespaces_not_looked_into: 5,
      scan_timestamp_seconds: 1_700_000_000.5,
      scan_duration_seconds: 0.25,
      'build_info{version="1.2.3"}': 1,
    })) {
      assert.equal(value(text, `peerpid_${name}`), number, name);
    }
    assert.equal(value(text, 'peerpid_scan_complete'), 1);
    assert.equal(value(metrics(sockets, ['no root']), 'peerpid_scan_complete'), 0);
  });

  it('have series that are there once each, below their HELP and TYPE, and no name of another process', () => {
    const series: string[] = [];
    let metric = '';
    for (const line of text.trimEnd().split('\n')) {
      const declared = /^# (?:HELP (peerpid_\w+) [A-Z][^\n"]*\.|TYPE (peerpid_\w+) gauge)$/.exec(line);
      if (declared) {
        assert.ok(declared[1] !== undefined || declared[2] === metric, line);
        metric = declared[1] ?? metric;
        continue;
      }
      assert.match(line, new RegExp(`^${metric}(?:{(?:\\w+="[\\w.-]+",?)+})? [\\d.]+$`));
      series.push(line.split(' ')[0] ?? '');
    }
    assert.equal(new Set(series).size, series.length);
    assert.ok(text.endsWith('\n'));
  });
});
