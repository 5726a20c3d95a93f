import assert from 'node:assert/strict';

import { connectionsOf } from '../../../src/connections/connections.js';
import { selectFrom } from '../../../src/connections/selection.js';
import type { ExitEvent } from '../../../src/document/listen-event.js';
import type { ScannedSocketDocument } from '../../../src/document/scan-document.js';
import type { HolderDocument } from '../../../src/document/socket-document.js';
import { inspectionText } from '../../../src/output/inspect/inspection-text.js';
import { listenText } from '../../../src/output/listen/listen-text.js';
import { messageText } from '../../../src/output/listen/message-text.js';
import { scanGraph } from '../../../src/output/scan/scan-graph.js';
import { scanLong } from '../../../src/output/scan/scan-long.js';
import { servicesText } from '../../../src/output/scan/services-text.js';
import { changesText } from '../../../src/output/watch/change-text.js';
import { idText, widestName } from '../../../src/output/who.js';
import { assertLinear } from '../../helpers/cost.js';
import { context, names, plain, processDocument } from '../../helpers/document.js';
import { HostileDocuments } from '../../helpers/hostile-documents.js';
import { HostileNames } from '../../helpers/hostile-names.js';

const make = new HostileDocuments(new HostileNames(1));

/** Numbers have six digits each, so that texts are as long for more of them. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 100_000 + index);
}

function holders(count: number, fds: readonly number[] = [3]): HolderDocument[] {
  return numbers(count).map((pid) => ({ pid, pidfdId: pid, comm: 'worker', fds }));
}

function listener(more: Partial<ScannedSocketDocument>): ScannedSocketDocument {
  const none = { holders: [], findings: [], unavailable: [] };
  return { inode: 1, type: 'stream', state: 'listening', address: '@app', ...none, ...more };
}

const { notSeen, networkNamespaces } = make.scan(1);

function long(row: ScannedSocketDocument): string {
  const document = { ...make.scan(1), sockets: [row], networkNamespaces: [] };
  const [block = ''] = scanLong(
    selectFrom(document, { named: [], others: [] }, () => ''),
    plain(),
  ).split('\n\n');
  return block;
}

function graph(rows: readonly ScannedSocketDocument[]): string {
  return scanGraph(
    { processes: [], networkNamespaces, notSeen },
    connectionsOf(rows),
    names,
    {},
    { host: 'here', endedAt: 0 },
  );
}

/** A service with so many clients, each of another user and ended. */
function services(count: number, services = 1): string {
  const connected = { state: 'connected', holders: holders(1) } as const;
  const sockets = numbers(count).flatMap((number): ScannedSocketDocument[] => {
    const [address, accepted, client] = [`@app${number % services}`, 2 * number, 2 * number + 1];
    const credential = { pid: number, uid: number, gid: number, groups: [] };
    const more = { ...connected, recordedBy: 'connect(2)', credential, verdict: 'exited', byPidfd: null } as const;
    return [
      listener({ ...more, inode: accepted, peerInode: client, address }),
      listener({ ...connected, inode: client, peerInode: accepted, address: undefined }),
    ];
  });
  const document = { ...make.scan(1), sockets, processes: [], networkNamespaces: [] };
  const all = selectFrom(document, { named: [], others: [] }, () => undefined);
  return servicesText(all, plain(120));
}

const message = make.message();
const exit: ExitEvent = {
  event: 'exit',
  time: '2026-01-01T00:00:00.000Z',
  connection: 1,
  connections: [],
  byPidfd: processDocument({ state: 'exited', exitStatus: { code: 0 } }),
};

/** The text of so many. */
const texts: Readonly<Record<string, (count: number) => string>> = {
  'inspect, holders': (count) => inspectionText(context({ holders: holders(count) }), plain()),
  'inspect, descriptors of a holder': (count) =>
    inspectionText(context({ holders: holders(1, numbers(count)) }), plain()),
  'inspect, groups': (count) =>
    inspectionText(context({ byPid: processDocument({ groups: numbers(count) }) }), plain()),
  'inspect, a cgroup': (count) =>
    inspectionText(context({ byPid: processDocument({ cgroup: `/${'c'.repeat(10 * count)}` }) }), plain()),
  'listen, descriptors of a message': (count) =>
    messageText({ ...message, passed: numbers(count).map((inode) => `socket:[${inode}]`) }, names, plain()),
  'listen, connections of a process': (count) =>
    listenText({ ...exit, connections: numbers(count) }, { names, ourNamespaces: undefined, compact: true }, plain()),
  'scan --long, holders': (count) => long(listener({ holders: holders(count) })),
  'scan --long, waiting clients': (count) =>
    long(listener({ pending: numbers(count).map((inode) => ({ inode, holders: holders(1) })) })),
  'scan --graph, holders': (count) => graph([listener({ holders: holders(count) })]),
  'scan --graph, listeners of a process': (count) =>
    graph(numbers(count).map((inode) => listener({ inode, address: `@${inode}`, holders: holders(1) }))),
  'scan, clients of a service': (count) => services(count),
  'scan --watch, holders': (count) =>
    changesText([{ end: 'service', peer: 'client', field: 'holders', before: [], now: holders(count) } as never]),
};

describe('what others may make many of', () => {
  for (const [what, textOf] of Object.entries(texts)) {
    it(`makes no text longer: ${what}`, () => {
      const [some, more] = [200, 900].map((count) => textOf(count));
      assert.ok(some !== undefined && some.length > 0);
      assert.equal(more?.length, some.length);
    });

    it(`takes time by the number: ${what}`, () => {
      assertLinear(2500, (count) => () => textOf(count));
    });
  }

  it('takes time by the number: scan, services', () => {
    assert.equal(services(100, 100).split('\n').length, 1 + 100 + 100 + 1);
    assertLinear(5000, (count) => () => services(count, count));
  });

  it('has no name of a user wider than 64 columns, however many marks are on it', () => {
    for (const name of ['x'.repeat(300), 'e\u0301'.repeat(300), '日'.repeat(300)]) {
      const text = idText(7, name);
      assert.ok(text.endsWith('… (7)'), text);
      assert.ok(text.length <= 8 * widestName + '… (7)'.length);
    }
    assert.equal(idText(7, 'x'.repeat(widestName)), `${'x'.repeat(widestName)} (7)`);
  });
});
