import assert from 'node:assert/strict';

import { allSeen } from '../../../helpers/document.js';
import {
  appd,
  connection,
  drawn,
  edgesOf,
  graph,
  green,
  held,
  process,
  row,
  serves,
} from '../../../helpers/drawn-graph.js';

const orange = 'color="#a65c00", fontcolor="#a65c00"';
const grey = 'color="#666666", fontcolor="#666666"';

describe('the graph of a scan', () => {
  it('has an edge from client to service, to the address, which has a row', () => {
    assert.deepEqual(drawn(connection(1, 2, { verdict: 'pinned' })), [
      '"group 0" [label="app 6"];',
      appd,
      `"group 0" -> "group 1" [${green}, headport="f1"];`,
    ]);
  });

  it('has one edge for several connections, as thick as they are many, those of another verdict apart', () => {
    const three = [1, 3, 5].flatMap((inode) =>
      connection(inode, inode + 1, inode === 3 ? { verdict: 'foreign', deceives: true } : { verdict: 'pinned' }),
    );
    assert.deepEqual(edgesOf(three), [
      `"group 0" -> "group 1" [label="foreign", ${orange}, style=dashed, penwidth=2.0, headport="f1"];`,
      `"group 0" -> "group 1" [label="×2", ${green}, penwidth=1.3, headport="f1"];`,
    ]);
  });

  it('is grey where nobody is deceived by what cannot be trusted', () => {
    const [service, client] = connection(1, 2, { verdict: 'pinned' });
    assert.ok(service && client);
    assert.deepEqual(edgesOf([service, { ...client, verdict: 'exited' }]), [
      `"group 0" -> "group 1" [label="exited", ${grey}, style=dashed, headport="f1"];`,
    ]);
  });

  it('goes by the verdict in the view of the holder', () => {
    const seenBy = { holder: 5, pid: 0, verdict: 'foreign' } as const;
    assert.match(graph(connection(1, 2, { verdict: 'pinned', seenBy })), /\[label="foreign"/);
  });

  it('has a legend of what is in it, with host and date', () => {
    const legendOf = (text: string): string[] =>
      [...text.matchAll(/"legend \w+" \[.*label="([^"]*)\\l"/g)].map(([, words = '']) => words);
    const text = graph(connection(1, 2, { verdict: 'recycled', deceives: true }));
    assert.match(text, /subgraph cluster_legend {\n +graph \[label="peerpid scan on ho\\"st, 2026-01-02 03:04:05", /);
    assert.deepEqual(legendOf(text), [
      'contradicted or recycled: the PID names another process, or something stands between',
    ]);
    const [service, client] = connection(1, 2);
    assert.ok(service && client);
    delete (client as Partial<Record<'verdict', unknown>>).verdict;
    assert.deepEqual(legendOf(graph([service, client])), ['nobody asked whether the PID can be trusted']);
    assert.match(graph([]), /"legend" \[.*label="no connection"/);
  });

  it('tells of each process its user and unit also where the kernel has no pidfd ids', () => {
    const holders = [{ pid: 5, comm: 'appd', fds: [3] }];
    const { pidfdId, ...old } = process(5, { unit: 'app.service' });
    assert.equal(pidfdId, 1005);
    assert.equal(
      drawn([row(1, { state: 'listening', address: '/run/app', holders })], { processes: [old] })[0],
      `"group 0" [label="<f0> appd\\ 5\\nroot\\ (0)\\napp.service|<f1> /run/app\\ (listens)", ${serves}];`,
    );
  });

  it('tells of each process its user, unit and container, and draws a container around it', () => {
    const container = { runtime: 'docker', id: '0123456789abcdef' };
    const processes = [process(5, { unit: 'docker-0123.scope', container }), process(6, { unit: 'app.service' })];
    const lines = drawn(connection(1, 2), { processes });
    assert.deepEqual(lines.slice(0, -1), [
      '"group 0" [label="app 6\\nroot (0)\\napp.service"];',
      'subgraph cluster_0 {',
      'graph [label="docker 0123456789ab", style=dashed, color="#666666", labeljust=l, labelloc=t, fontsize=11];',
      appd.replace('appd\\ 5', 'appd\\ 5\\nroot\\ (0)'),
      '}',
    ]);
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
      '"group 0" [label="was PID 77\\nexited with status 7\\ncron.service", style="rounded,dashed"];',
      appd,
      `"group 0" -> "group 1" [label="closed at the other end\\nexited ×2", ${orange}, style=dashed, penwidth=2.3, headport="f1"];`,
    ]);
    // An older kernel has no pidfd of it: nobody can say whether the two are the same
    const refused = { ...ended, byPidfd: null };
    const two = [refused, { ...refused, inode: 2, credential: { pid: 76, uid: 0, gid: 0 } }];
    assert.equal(drawn(two, { each: true }).filter((line) => line.startsWith('"ended')).length, 4);
    assert.equal(
      drawn(two)[0],
      '"group 0" [label="2 processes\\nwere PIDs 76, 77\\nhas ended", style="rounded,dashed"];',
    );
  });

  it('has a question mark for a process that was not seen, one for each address', () => {
    const notSeen = [1, 3].flatMap((inode) =>
      connection(inode, inode + 1, { holders: [], owner: { id: 8, name: 'pg' } }),
    );
    const other = connection(5, 6, { holders: [], address: '/run/other' });
    assert.deepEqual(
      drawn([...notSeen, ...other]).filter((line) => line.includes('> ?')),
      [
        `"group 1" [label="<f0> ?\\npg\\ (8)|<f1> /run/app", ${serves.replace('rounded', 'rounded,dotted')}];`,
        `"group 2" [label="<f0> ?|<f1> /run/other", ${serves.replace('rounded', 'rounded,dotted')}];`,
      ],
    );
  });

  it('says of a sender that its receiver is closed', () => {
    const sender = row(1, { type: 'dgram', peerAddress: '/run/log', receiverClosed: true, holders: [held(6, 'app')] });
    assert.match(edgesOf([sender]).join(), /\[label="dgram\\nclosed at the other end"/);
  });

  it('does not take two ends that were not seen for one process', () => {
    const pair = [1, 2].map((inode) => row(inode, { peerInode: 3 - inode }));
    assert.match(graph(pair), /"group 0" -> "group 1"/);
  });

  it('draws a frame around the network namespace of others', () => {
    const networkNamespaces = [
      { inode: 8, own: true, listed: true },
      { inode: 9, own: false, listed: true, name: 'blue"' },
    ];
    const processes = [process(5, { namespaces: { net: 9 } }), process(6, { namespaces: { net: 8 } })];
    const text = graph(connection(1, 2), { processes, networkNamespaces });
    assert.match(text, /label="network namespace blue\\"".*\n +"group 1".*appd.*\n +}\n/);
    assert.equal(text.match(/subgraph/g)?.length, 2);
  });

  it('has a node of its own for an end that several programs share', () => {
    const lines = drawn(connection(1, 2, { holders: [held(5, 'appd'), held(7, 'worker')], verdict: 'pinned' }));
    const shares = 'dir=none, style=dotted, color="#666666"';
    assert.deepEqual(
      lines.filter((line) => line.includes('shared')),
      [
        `"shared 0" [label="<f0> 2\\ processes\\ share\\ it|<f1> /run/app", ${serves.replace('rounded', 'dotted')}];`,
        `"shared 0" -> "group 1" [${shares}];`,
        `"shared 0" -> "group 2" [${shares}];`,
        `"group 0" -> "shared 0" [${green}, headport="f1"];`,
      ],
    );
    const same = drawn(connection(1, 2, { holders: [held(5, 'appd'), held(7, 'appd')], verdict: 'pinned' }));
    assert.equal(same[1], appd.replace('appd\\ 5', 'appd\\ ×2\\nPIDs\\ 5,\\ 7'));
  });

  it('draws lines to sixteen of those that share an end, of a listener as well', () => {
    const holders = Array.from({ length: 20 }, (_, index) => held(100 + index, 'worker'));
    const rows = [...connection(1, 2, { holders }), row(3, { state: 'listening', address: '@app', holders })];
    const lines = drawn(rows, { each: true });
    assert.equal(lines.filter((line) => line.includes('dir=none')).length, 16);
    const [shared] = lines.filter((line) => line.startsWith('"shared') && !line.includes('->'));
    assert.match(
      shared ?? '',
      /label="<f0> 20\\ processes\\ share\\ it\\nlines\\ to\\ 16\\ of\\ them\|<f1> \/run\/app\|<f2> @app\\ \(listens\)"/,
    );
  });

  it('has both directions of a pair that has no name', () => {
    const pair = [1, 2].map((inode) => row(inode, { peerInode: 3 - inode, holders: [held(inode, `is ${inode}`)] }));
    assert.match(graph(pair), /\[label="stream pair", .*dir=both\]/);
  });

  it('tells whose clients wait, and what datagrams go to', () => {
    const listener = row(1, {
      state: 'listening',
      address: '@app',
      holders: [held(5, 'appd')],
      pending: [{ inode: 2, holders: [] }],
    });
    assert.match(graph([listener, row(2, { holders: [held(6, 'app')] })]), /\[label="waits to be accepted", /);
    const receiver = row(3, { state: 'unconnected', type: 'dgram', address: '@log', holders: [held(5, 'logd')] });
    const sender = row(4, { type: 'dgram', peerInode: 3, verdict: 'none', holders: [held(6, 'app')] });
    const text = graph([receiver, sender]);
    assert.match(text, /logd\\ 5\|<f1> @log\\ \(dgram\)"/);
    assert.match(text, new RegExp(`-> "group 1" \\[${grey}, style=dotted, headport`));
  });

  it('says below what could not be seen', () => {
    const notSeen = {
      ...allSeen,
      processes: [{ pid: 1, comm: 'in"it' }],
      reasons: [{ fact: 'holders', reason: 'no "root"' }] as const,
    };
    assert.match(
      graph([], { notSeen }),
      /\\lnot seen: the descriptors of 1 process: in\\"it 1\\lwhy no holder: no \\"root\\"\\l"\];/,
    );
    assert.doesNotMatch(graph([]), /not seen/);
  });

  it('quotes whatever a name may be', () => {
    const names = ['a"];b->c[label="', 'back\\', '\\N', '&#27;', '<b>', 'new\nline', '\x1b[31m', '\u202e'];
    for (const name of names) {
      const text = graph(connection(1, 2, { address: name, holders: [held(5, name)] }));
      // Outside of strings there is nothing but what peerpid writes
      const outside = text.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
      assert.match(outside, /^[\w\s=,.;{}[\]\->"]+$/, text);
      assert.equal(outside.match(/->/g)?.length, 2, text);
      assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\u202e]|&(?!amp;)|[^\\](?:\\\\)*\\[^nl"\\{}|<> ]/, text);
    }
  });
});
