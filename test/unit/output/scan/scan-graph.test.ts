import assert from 'node:assert/strict';

import { connectionsOf } from '../../../../src/connections/connections.js';
import type {
  NotSeenDocument,
  ScanDocument,
  ScannedProcessDocument,
  ScannedSocketDocument,
} from '../../../../src/document/scan-document.js';
import type { HolderDocument } from '../../../../src/document/socket-document.js';
import { scanGraph } from '../../../../src/output/scan/scan-graph.js';
import { names, processDocument } from '../../../helpers/document.js';

type Row = ScannedSocketDocument;

const allSeen: NotSeenDocument = {
  processes: [],
  allProcesses: false,
  hidden: false,
  withoutHolder: 0,
  withoutNamespace: { processes: 0, sockets: 0 },
  notAsked: 0,
  networkNamespaces: 0,
  reasons: [],
};

function graph(sockets: readonly Row[], more: Partial<ScanDocument> = {}): string {
  const document = { processes: [], networkNamespaces: [], notSeen: allSeen, ...more };
  return scanGraph(document, connectionsOf(sockets), names);
}

/** The lines of the nodes and edges, without what all graphs begin with. */
function drawn(...args: Parameters<typeof graph>): string[] {
  const lines = graph(...args).split('\n');
  return lines.slice(4, -2).map((line) => line.trim());
}

function held(pid: number, comm: string): HolderDocument {
  return { pid, pidfdId: pid + 1000, comm, fds: [3] };
}

function row(inode: number, more: Partial<Row>): Row {
  return { inode, type: 'stream', state: 'connected', holders: [], findings: [], unavailable: [], ...more };
}

/** A connection to /run/app, of which these are the inode numbers. */
function connection(service: number, client: number, more: Partial<Row> = {}): Row[] {
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

const green = 'color="#1b7f3b", fontcolor="#1b7f3b"';
const orange = 'color="#a65c00", fontcolor="#a65c00"';

describe('the graph of a scan', () => {
  it('has an edge from client to service, with address and verdict', () => {
    assert.deepEqual(drawn(connection(1, 2, { verdict: 'pinned' })), [
      '"process 6/1006" [label="app 6"];',
      '"process 5/1005" [label="appd 5"];',
      `"process 6/1006" -> "process 5/1005" [label="/run/app\\npinned", ${green}];`,
    ]);
  });

  it('has one edge for several connections, those of another verdict apart', () => {
    const three = [1, 3, 5].flatMap((inode) =>
      connection(inode, inode + 1, inode === 3 ? { verdict: 'foreign', deceives: true } : { verdict: 'pinned' }),
    );
    const edges = drawn(three).filter((line) => line.includes('->'));
    assert.deepEqual(edges, [
      `"process 6/1006" -> "process 5/1005" [label="/run/app\\nforeign", ${orange}, penwidth=2];`,
      `"process 6/1006" -> "process 5/1005" [label="/run/app\\npinned ×2", ${green}];`,
    ]);
  });

  it('is grey where nobody is deceived by what is not to be believed', () => {
    const [service, client] = connection(1, 2, { verdict: 'pinned' });
    assert.ok(service && client);
    const [edge] = drawn([service, { ...client, verdict: 'exited' }]).filter((line) => line.includes('->'));
    assert.equal(
      edge,
      '"process 6/1006" -> "process 5/1005" [label="/run/app\\nexited", color="#666666", fontcolor="#666666"];',
    );
  });

  it('goes by the verdict in the view of the holder', () => {
    const seenBy = { holder: 5, pid: 0, verdict: 'foreign' } as const;
    assert.match(graph(connection(1, 2, { verdict: 'pinned', seenBy })), /\\nforeign"/);
  });

  it('says where nobody asked', () => {
    const [service, client] = connection(1, 2);
    assert.ok(service && client);
    delete (client as Partial<Record<'verdict', unknown>>).verdict;
    assert.match(graph([service, client]), /label="\/run\/app\\nnot asked"/);
  });

  it('tells of each process its user, unit and container, and draws a container around it', () => {
    const process: ScannedProcessDocument = {
      ...processDocument({
        pid: 5,
        pidfdId: 1005,
        unit: 'app.service',
        container: { runtime: 'docker', id: '0123456789abcdef' },
      }),
      unavailable: [],
    };
    const lines = drawn(connection(1, 2), { processes: [process] });
    const at = lines.indexOf('subgraph cluster_1 {');
    assert.deepEqual(lines.slice(at, at + 4), [
      'subgraph cluster_1 {',
      'graph [label="docker 0123456789ab", style=dashed, color="#666666", labeljust=l];',
      '"process 5/1005" [label="appd 5\\nroot (0)\\napp.service\\ndocker 0123456789ab"];',
      '}',
    ]);
  });

  it('notes listeners and receivers at their processes, with what is not believed, and not more than sixteen', () => {
    const listener = { state: 'listening', holders: [held(5, 'appd')] } as const;
    const rows = [
      row(1, { ...listener, address: '/run/app' }),
      row(2, { ...listener, address: '/run/app' }),
      row(3, { ...listener, address: '@old', verdict: 'exited' }),
      row(4, { holders: [held(5, 'appd')], state: 'unconnected', type: 'dgram', address: '/run/log' }),
    ];
    assert.deepEqual(drawn(rows), [
      '"process 5/1005" [label="appd 5\\nlistens: @old (exited)\\nlistens: /run/app ×2\\nreceives: /run/log"];',
    ]);
    const rewritten = row(3, { ...listener, address: '@old', verdict: 'contradicted', deceives: true });
    assert.match(graph([rewritten]), /\(contradicted\)", color="#a65c00"\];/);
    const many = Array.from({ length: 19 }, (_, index) => row(index + 1, { ...listener, address: `@${index}` }));
    assert.match(graph(many), /listens: @[\w]+\\n\+ 3 more"/);
    assert.equal(graph(many).match(/listens:/g)?.length, 16);
  });

  it('has a dashed node of a peer that has ended, with what is left of it', () => {
    const ended = row(1, {
      address: '/run/app',
      recordedBy: 'connect(2)',
      holders: [held(5, 'appd')],
      shutdown: ['receive', 'send'],
      credential: { pid: 77, uid: 0, gid: 0 },
      byPid: null,
      byPidfd: { pidfdId: 9, state: 'exited', exitStatus: { code: 7 }, unit: 'cron.service' },
      verdict: 'exited',
      deceives: true,
    });
    assert.deepEqual(drawn([ended, { ...ended, inode: 2 }]), [
      '"ended 0" [label="was PID 77\\nexited with status 7\\ncron.service", style="rounded,dashed"];',
      '"process 5/1005" [label="appd 5"];',
      `"ended 0" -> "process 5/1005" [label="/run/app\\nclosed at the other end\\nexited ×2", ${orange}, penwidth=2];`,
    ]);
    // An older kernel has no pidfd of it: nobody can say whether the two are the same
    const refused = { ...ended, byPidfd: null };
    assert.equal(drawn([refused, { ...refused, inode: 2 }]).filter((line) => line.startsWith('"ended')).length, 4);
  });

  it('has a question mark for a process that was not seen, one for each address', () => {
    const notSeen = [1, 3].flatMap((inode) =>
      connection(inode, inode + 1, { holders: [], owner: { id: 8, name: 'pg' } }),
    );
    const listener = row(5, { state: 'listening', address: '/run/app', owner: { id: 8, name: 'pg' } });
    const other = row(6, { state: 'listening', address: '/run/other' });
    assert.deepEqual(
      drawn([...notSeen, listener, other]).filter((line) => line.includes('"?')),
      [
        '"unseen 1" [label="?\\npg (8)\\nlistens: /run/app", style="rounded,dotted"];',
        '"unseen 2" [label="?\\nlistens: /run/other", style="rounded,dotted"];',
      ],
    );
  });

  it('does not take two ends that were not seen for one process', () => {
    const pair = [1, 2].map((inode) => row(inode, { peerInode: 3 - inode }));
    assert.match(graph(pair), /"unseen 0" -> "unseen 1"/);
  });

  it('draws a frame around the network namespace of others', () => {
    const process: ScannedProcessDocument = {
      ...processDocument({ pid: 5, pidfdId: 1005, namespaces: { net: 9 } }),
      unavailable: [],
    };
    const networkNamespaces = [
      { inode: 8, own: true, listed: true },
      { inode: 9, own: false, listed: true, name: 'blue"' },
    ];
    const processes = [process, { ...process, pid: 6, pidfdId: 1006, namespaces: { net: 8 } }];
    const text = graph(connection(1, 2), { processes, networkNamespaces });
    assert.match(text, /label="network namespace blue\\"".*\n +"process 5\/1005".*\n +}\n/);
    assert.equal(text.match(/subgraph/g)?.length, 1);
  });

  it('has a node of its own for an end that several processes share', () => {
    const lines = drawn(connection(1, 2, { holders: [held(5, 'appd'), held(7, 'worker')], verdict: 'pinned' }));
    const shares = 'dir=none, style=dotted, color="#666666"';
    assert.deepEqual(
      lines.filter((line) => line.includes('shared')),
      [
        '"shared 3" [label="2 processes share it", style=dotted, shape=ellipse];',
        `"shared 3" -> "process 5/1005" [${shares}];`,
        `"shared 3" -> "process 7/1007" [${shares}];`,
        `"process 6/1006" -> "shared 3" [label="/run/app\\npinned", ${green}];`,
      ],
    );
  });

  it('draws lines to sixteen of those that share an end, of a listener as well', () => {
    const holders = Array.from({ length: 20 }, (_, index) => held(100 + index, 'worker'));
    const rows = [...connection(1, 2, { holders }), row(3, { state: 'listening', address: '@app', holders })];
    const lines = drawn(rows);
    assert.equal(lines.filter((line) => line.includes('dir=none')).length, 16);
    assert.equal(lines.filter((line) => line.startsWith('"process 1')).length, 16);
    const [shared] = lines.filter((line) => line.startsWith('"shared') && !line.includes('->'));
    assert.match(shared ?? '', /label="20 processes share it\\nlines to 16 of them\\nlistens: @app"/);
  });

  it('has both directions of a pair that has no name', () => {
    const pair = [1, 2].map((inode) => row(inode, { peerInode: 3 - inode, holders: [held(inode, 'one')] }));
    assert.match(graph(pair), /\[label="stream pair\\nnot asked", .*dir=both\]/);
  });

  it('tells whose clients wait, and who is connected for datagrams', () => {
    const listener = row(1, {
      state: 'listening',
      address: '@app',
      holders: [held(5, 'appd')],
      pending: [{ inode: 2, holders: [] }],
    });
    assert.match(graph([listener, row(2, { holders: [held(6, 'app')] })]), /label="@app\\nwaits to be accepted\\n/);
    const receiver = row(3, { state: 'unconnected', type: 'dgram', address: '@log', holders: [held(5, 'logd')] });
    const sender = row(4, { type: 'dgram', peerInode: 3, verdict: 'none', holders: [held(6, 'app')] });
    assert.match(graph([receiver, sender]), /label="@log\\nconnected, for datagrams\\nnone"/);
  });

  it('says below what could not be seen', () => {
    const notSeen = {
      ...allSeen,
      processes: [{ pid: 1, comm: 'in"it' }],
      reasons: [{ fact: 'holders', reason: 'no "root"' }] as const,
    };
    assert.match(
      graph([], { notSeen }),
      /label="not seen: the descriptors of 1 process: in\\"it 1\\lwhy no holder: no \\"root\\"\\l"\];/,
    );
    assert.doesNotMatch(graph([]).split('\n')[1] ?? '', /label="/);
  });

  it('quotes whatever a name may be', () => {
    const names = ['a"];b->c[label="', 'back\\', '\\N', '&#27;', '<b>', 'new\nline', '\x1b[31m', '\u202e'];
    for (const name of names) {
      const text = graph(connection(1, 2, { address: name, holders: [held(5, name)] }));
      // Outside of strings there is nothing but what peerpid writes
      const outside = text.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
      assert.match(outside, /^[\w\s=,;{}[\]\->"]+$/, text);
      assert.equal(outside.match(/->/g)?.length, 1, text);
      assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\u202e]|&(?!amp;)|[^\\](?:\\\\)*\\[^nl"\\]/, text);
    }
  });
});
