import assert from 'node:assert/strict';

import type { ScannedProcessDocument } from '../../../../src/document/scan-document.js';
import {
  appd,
  clients,
  connection,
  drawn,
  edgesOf,
  graph,
  green,
  held,
  process,
  row,
  serves,
  type More,
} from '../../../helpers/drawn-graph.js';

describe('what of a scan is in its graph', () => {
  it('is one box for processes of a program, user and unit, and draws a unit around several', () => {
    const unit = (pid: number, name: string): ScannedProcessDocument => process(pid, { unit: name });
    const processes = [
      unit(5, 'a.service'),
      ...[112, 111].map((pid) => unit(pid, 'a.service')),
      unit(113, 'b.service'),
    ];
    const lines = drawn(clients(111, 112, 113), { processes });
    assert.deepEqual(lines.slice(0, -2), [
      '"group 2" [label="app 113\\nroot (0)\\nb.service"];',
      'subgraph cluster_0 {',
      'graph [label="a.service", style=solid, color="#666666", labeljust=l, labelloc=t, fontsize=11];',
      '"group 0" [label="app ×2\\nPIDs 111, 112\\nroot (0)"];',
      appd.replace('appd\\ 5', 'appd\\ 5\\nroot\\ (0)'),
      '}',
    ]);
    assert.deepEqual(lines.slice(-2), [
      `"group 0" -> "group 1" [label="×2", ${green}, penwidth=1.3, headport="f1"];`,
      `"group 2" -> "group 1" [${green}, headport="f1"];`,
    ]);
    const apart = { processes: processes.map((one) => (one.pid === 111 ? { ...one, uids: undefined } : one)) };
    assert.equal(drawn(clients(111, 112, 113), apart as More).filter((line) => line.includes('"app 11')).length, 3);
  });

  it('brings together what is in many units or containers, and then what connects to the same', () => {
    const inUnits = (most: number, from: number): ScannedProcessDocument[] =>
      Array.from({ length: most }, (_, index) => process(from + index, { unit: `app@${index}.service` }));
    const pidsOf = (processes: readonly ScannedProcessDocument[]): number[] =>
      processes.flatMap(({ pid }) => pid ?? []);
    const few = inUnits(59, 100);
    assert.equal(
      drawn(clients(...pidsOf(few)), { processes: few }).filter((line) => line.includes('[label="app 1')).length,
      59,
    );
    const many = inUnits(90, 100);
    assert.match(
      drawn(clients(...pidsOf(many)), { processes: many }).join('\n'),
      /^"group 0" \[label="app ×90\\nPIDs 100, 101, 102, 103, \+ 86 more\\nroot \(0\)\\nin 90 units"\];$/m,
    );
    const others = inUnits(90, 200);
    assert.match(
      drawn(clients(...pidsOf(others)), { processes: others }).join('\n'),
      /^"group 0" \[label="90 programs\\napp-200, app-201, app-202, app-203, \+ 86 more\\nroot \(0\)\\nin 90 units"\];$/m,
    );
    const containers = many.map((one, index) => ({
      ...one,
      container: { runtime: 'docker', id: `${index}`.padStart(12, '0') },
    }));
    assert.match(
      graph(clients(...pidsOf(containers)), { processes: containers }),
      /label="docker: 90 containers", style=dashed/,
    );
  });

  it('has no more than sixty boxes: one for all others', () => {
    // Each is the service of the next
    const rows = Array.from({ length: 100 }, (_, index) => {
      const holders = [held(1000 + index, `name-${index}`)];
      const [service, client] = connection(2 * index + 1, 2 * index + 2, {
        address: `@${index}`,
        verdict: 'pinned',
        holders,
      });
      assert.ok(service && client);
      return [service, { ...client, holders: [held(1001 + index, `name-${index + 1}`)] }];
    }).flat();
    const nodes = drawn(rows).filter((line) => line.startsWith('"group') && !line.includes('->'));
    assert.ok(nodes.length <= 60);
    assert.match(nodes.join('\n'), /\+\\ \d+\\ more\\ programs\\n/);
    const each = drawn(rows, { each: true });
    assert.equal(each.filter((line) => line.startsWith('"process') && !line.includes('->')).length, 101);
    assert.equal(edgesOf(rows, { each: true }).length, 100);
  });

  it('leaves out idle listeners and what a program has with itself, and says so, unless each is wanted', () => {
    const listener = { state: 'listening', holders: [held(5, 'appd')] } as const;
    const rows = [
      ...connection(1, 2, { verdict: 'pinned' }),
      row(3, { ...listener, address: '/run/app' }),
      row(4, { ...listener, address: '/run/idle' }),
      ...[10, 11].map((inode) => row(inode, { peerInode: 21 - inode, holders: [held(6, 'app')] })),
    ];
    assert.equal(drawn(rows).length, 3);
    assert.match(
      graph(rows),
      /left out: 1 listener without a client, 1 connection without a name inside one program \(--each shows all\)\\l/,
    );
    const each = drawn(rows, { each: true });
    assert.match(
      each.join('\n'),
      /"process 5\/1005" \[label="<f0> appd\\ 5\|<f1> \/run\/app\|<f2> \/run\/idle\\ \(listens\)"/,
    );
    assert.match(each.join('\n'), /"process 6\/1006" -> "process 6\/1006" \[label="stream pair"/);
    assert.doesNotMatch(graph(rows, { each: true }), /left out/);
    // What deceives is shown in any case
    const rewritten = row(5, { ...listener, address: '@old', verdict: 'contradicted', deceives: true });
    assert.match(
      graph([...rows, rewritten]),
      /<f1> @old\\ \(contradicted,\\ listens\)\|.*color="#a65c00", penwidth=2\];/,
    );
  });

  it('knows the listener of a file by its clients in other network namespaces', () => {
    const boundInode = { device: '8:1', inode: 77 };
    const rows = connection(1, 2, { verdict: 'pinned', networkNamespace: 2, boundInode });
    const listener = {
      state: 'listening',
      address: '/run/app',
      networkNamespace: 1,
      holders: [held(5, 'appd')],
    } as const;
    assert.doesNotMatch(graph([...rows, row(3, { ...listener, boundInode })]), /left out/);
    assert.match(graph([...rows, row(3, listener)]), /left out: 1 listener without a client/);
  });

  it('shows with a service who listens for it, if that was seen', () => {
    const listener = { state: 'listening', address: '/run/app' } as const;
    const rows = connection(1, 2, { verdict: 'pinned' });
    const seen = drawn([...rows, row(3, { ...listener, holders: [held(9, 'systemd')] })]);
    assert.match(seen.join('\n'), /"group 2" \[label="<f0> systemd\\ 9\|<f1> \/run\/app\\ \(listens\)"/);
    assert.equal(drawn([...rows, row(3, listener)]).length, 3);
  });

  it('shows listeners and receivers where there is nothing else, and not more than sixteen of a program', () => {
    const listener = { state: 'listening', holders: [held(5, 'appd')] } as const;
    const rows = [
      row(1, { ...listener, address: '/run/app' }),
      row(2, { ...listener, address: '/run/app' }),
      row(3, { ...listener, address: '@old', verdict: 'exited' }),
      row(4, { holders: [held(5, 'appd')], state: 'unconnected', type: 'dgram', address: '/run/log' }),
    ];
    assert.deepEqual(drawn(rows), [
      `"group 0" [label="<f0> appd\\ 5|<f1> @old\\ (exited,\\ listens)|<f2> /run/app\\ (listens)\\ ×2|<f3> /run/log\\ (dgram)\\ (receives)", ${serves}];`,
    ]);
    const many = Array.from({ length: 19 }, (_, index) => row(index + 1, { ...listener, address: `@${index}` }));
    assert.match(graph(many), /@\d+\\ \(listens\)\|<f17> \+\\ 3\\ more"/);
    assert.equal(graph(many).match(/\(listens\)/g)?.length, 16);
  });

  it('has the address at the edge where it has no row of its own', () => {
    const rows = Array.from({ length: 18 }, (_, index) =>
      connection(2 * index + 1, 2 * index + 2, { address: `@${String(index).padStart(2, '0')}`, verdict: 'pinned' }),
    ).flat();
    const edges = edgesOf(rows);
    assert.deepEqual(edges.slice(-2), [
      `"group 0" -> "group 1" [label="@16", ${green}, headport="f17"];`,
      `"group 0" -> "group 1" [label="@17", ${green}, headport="f17"];`,
    ]);
    assert.equal(edges.filter((line) => line.includes('label')).length, 2);
  });
});
