/** Graphs of scans that are made up, for the tests of what is drawn of them. */
import assert from 'node:assert/strict';

import { connectionsOf } from '../../src/connections/connections.js';
import type { ScanDocument, ScannedProcessDocument, ScannedSocketDocument } from '../../src/document/scan-document.js';
import type { HolderDocument } from '../../src/document/socket-document.js';
import { scanGraph } from '../../src/output/scan/scan-graph.js';
import { allSeen, names, processDocument } from './document.js';

export type Row = ScannedSocketDocument;

/** How a graph has what can be trusted. */
export const green = 'color="#1b7f3b", fontcolor="#1b7f3b"';
/** How a graph has what serves an address. */
export const serves = 'shape=record, style="rounded,filled", fillcolor="#f1f5fb"';
/** The service of {@link connection}, where it stands after its client. */
export const appd = `"group 1" [label="<f0> appd\\ 5|<f1> /run/app", ${serves}];`;

export type More = Partial<ScanDocument> & { readonly each?: boolean };

export function graph(sockets: readonly Row[], { each = false, ...more }: More = {}): string {
  const document = { processes: [], networkNamespaces: [], notSeen: allSeen, ...more };
  const run = { host: 'ho"st', endedAt: Date.parse('2026-01-02T03:04:05') / 1000 };
  return scanGraph(document, connectionsOf(sockets), names, { each }, run);
}

/** The lines of the nodes and edges, without what all graphs begin and end with. */
export function drawn(...args: Parameters<typeof graph>): string[] {
  const lines = graph(...args)
    .split('\n')
    .map((line) => line.trim());
  return lines.slice(4, lines.indexOf('subgraph cluster_legend {'));
}

export function edgesOf(...args: Parameters<typeof graph>): string[] {
  return drawn(...args).filter((line) => line.includes('->'));
}

export function held(pid: number, comm: string): HolderDocument {
  return { pid, pidfdId: pid + 1000, comm, fds: [3] };
}

export function row(inode: number, more: Partial<Row>): Row {
  return { inode, type: 'stream', state: 'connected', holders: [], findings: [], unavailable: [], ...more };
}

/** A connection to /run/app, of which these are the inode numbers. */
export function connection(service: number, client: number, more: Partial<Row> = {}): Row[] {
  return [
    row(service, {
      peerInode: client,
      address: '/run/app',
      recordedBy: 'connect(2)',
      holders: [held(5, 'appd')],
      ...more,
    }),
    row(client, { peerInode: service, recordedBy: 'listen(2)', verdict: 'pinned', holders: [held(6, 'app')] }),
  ];
}

export function process(pid: number, more: Partial<ScannedProcessDocument>): ScannedProcessDocument {
  return { ...processDocument({ pid, pidfdId: pid + 1000 }), ...more, unavailable: [] };
}

/** Clients of appd, each a process of its own. */
export function clients(...pids: number[]): Row[] {
  return pids.flatMap((pid) => {
    const [service, client] = connection(2 * pid, 2 * pid + 1, { verdict: 'pinned' });
    assert.ok(service && client);
    return [service, { ...client, holders: [held(pid, pid < 200 ? 'app' : `app-${pid}`)] }];
  });
}
