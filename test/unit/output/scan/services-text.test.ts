import assert from 'node:assert/strict';

import stringWidth from 'string-width';

import { selectFrom } from '../../../../src/connections/selection.js';
import { servicesText } from '../../../../src/output/scan/services-text.js';
import { plain } from '../../../helpers/document.js';
import { clients, process, row } from '../../../helpers/drawn-graph.js';
import { HostileDocuments } from '../../../helpers/hostile-documents.js';
import { HostileNames } from '../../../helpers/hostile-names.js';

const empty = new HostileDocuments(new HostileNames(1)).scan(0);
const ids = (id: number) => ({ real: id, effective: id, saved: id, fs: id });

/** Sixteen clients of appd, each of another user. */
const pids = Array.from({ length: 16 }, (_, index) => 100 + index);
const document = {
  ...empty,
  sockets: [...clients(...pids), row(1, { state: 'listening', address: '/run/app' })],
  processes: pids.map((pid) => process(pid, { uids: ids(pid) })),
};

function drawn(userName: (uid: number) => string, width: number | undefined, truncate = true): string[] {
  const selection = selectFrom(document, { named: [], others: [] }, userName);
  return servicesText(selection, plain(width), { truncate }).trimEnd().split('\n');
}

it('the network namespaces of services are in a column where anything shown is in another one', () => {
  const networkNamespaces = [1, 2].map((inode) => ({ inode, own: inode === 1, listed: true, name: `ns-${inode}` }));
  const heading = (...places: number[]): string => {
    const sockets = places.map((networkNamespace, index) =>
      row(index, { state: 'listening', address: `/run/${index}`, networkNamespace }),
    );
    const all = selectFrom({ ...empty, sockets, networkNamespaces }, { named: [], others: [] }, String);
    return servicesText(all, plain(80));
  };
  assert.match(heading(1, 1), /^ADDRESS/);
  assert.match(heading(1, 2), /^NETNS [^]*\nown  [^]*\nns-2 /);
});

describe('the clients of a service', () => {
  it('are in as many lines as the terminal needs, each user with the number of its clients', () => {
    for (const width of [60, 80, 120, 200]) {
      const lines = drawn((uid) => `user-${uid}`, width);
      for (const line of lines) assert.ok(stringWidth(line) <= width, line);
      for (const pid of pids) assert.match(lines.join('\n'), new RegExp(`[ ]user-${pid} 1(,|$)`, 'm'));
      const column = lines[0]?.indexOf('CLIENTS') ?? 0;
      for (const line of lines.slice(2)) assert.match(line, new RegExp(`^ {${column + 2}}user-`));
    }
  });

  it('have room also where the name of a user is longer than that', () => {
    for (const line of drawn((uid) => `${'n'.repeat(40)}${uid}`, 60)) assert.ok(stringWidth(line) <= 60, line);
  });

  it('are in one line where there is no terminal, which shows where it is cut', () => {
    const name = (uid: number): string => `a-user-of-the-machine-${uid}`;
    const [, line = ''] = drawn(name, undefined);
    assert.match(line, / 16: a-user-of-the-machine-100 1, .*…$/);
    assert.match(drawn(name, undefined, false)[1] ?? '', / a-user-of-the-machine-115 1$/);
  });
});
