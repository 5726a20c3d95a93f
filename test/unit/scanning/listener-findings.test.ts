import assert from 'node:assert/strict';

import type { DiagSocket } from '../../../native-probe/diag-socket.js';
import type { BoundFile } from '../../../src/scanning/bound-file/bound-file.js';
import type { FileThere } from '../../../src/scanning/bound-file/path-view.js';
import { listenerFindings, type ListenerInput } from '../../../src/scanning/listener-findings.js';
import { processListText, someOf } from '../../../src/scanning/process-list.js';
import type { FindingId } from '../../../src/verdict/finding.js';
import { refused } from '../../helpers/facts.js';

const socket: DiagSocket = {
  inode: 1,
  type: 'stream',
  state: 'listening',
  address: { kind: 'path', path: Buffer.from('/run/socket') },
  file: { inode: 2n, device: 3 },
  peerInode: undefined,
  backlog: { waiting: 0, most: 16 },
  queue: undefined,
  shutdown: { receive: false, send: false },
  pending: [],
  owner: 0,
};

const receiver: DiagSocket = { ...socket, type: 'dgram', state: 'unconnected', backlog: undefined };
const file: FileThere = { uid: 0, gid: 0, mode: 0o140770, inode: 2n, device: 3n, isSocket: true, mount: 30n };
const open = { file: { ...file, mode: 0o140777 }, guards: { value: [] } };
const guarded = { ...open, guards: { value: [{ path: Buffer.from('/run'), uid: 0, gid: 0, mode: 0o40750 }] } };
const other: FileThere = { ...file, inode: 9n };

function input(found: BoundFile | undefined, changes: Partial<ListenerInput> = {}): ListenerInput {
  return { socket, file: found && { value: found }, taker: undefined, clients: [], ...changes };
}

const bound: BoundFile = { there: 'bound', file, guards: { value: [] } };
const abstract: DiagSocket = { ...socket, address: { kind: 'abstract', name: Buffer.from('a') }, file: undefined };

function backlog(waiting: number, most: number, ...clients: string[]): ListenerInput {
  const holders = clients.map((text) => {
    const [, pid = '', comm = ''] = /^(\d+) \((.*)\)$/.exec(text) ?? [];
    return { pid: Number(pid), comm: Buffer.from(comm) };
  });
  return input(bound, { socket: { ...socket, backlog: { waiting, most } }, clients: holders });
}

const cases: readonly (readonly [when: string, from: ListenerInput, id: FindingId | undefined, text?: RegExp])[] = [
  ['a file that is in its place', input(bound), undefined],
  ['a file of which nobody can say', input(undefined, { file: refused('EACCES') }), undefined],
  [
    'a deleted file',
    input({ there: 'deleted' }),
    'file-deleted',
    /deleted: nobody can connect to it by its path any more, and those .* stay connected\.$/,
  ],
  [
    "a receiver's deleted file",
    input({ there: 'deleted' }, { socket: receiver }),
    'file-deleted',
    /nobody can send to it by its path any more, .* still can\.$/,
  ],
  [
    'a file for which not all was searched',
    input({ there: 'missing', cut: true }),
    'file-deleted',
    /unless its file was renamed \(the search for it was not finished\), nobody/,
  ],
  ['a file that is not to be found', input({ there: 'missing' }), 'file-deleted', /unless its file was renamed/],
  [
    "another listener's file",
    input({ there: 'replaced', by: other, deleted: true }, { taker: 'process 42 (new)' }),
    'path-taken',
    /clients reach process 42 \(new\)\. Nobody can connect to it by its path any more, and/,
  ],
  [
    'the file of a socket that nobody serves',
    input({ there: 'replaced', by: other, deleted: true }),
    'path-taken',
    /no process was seen that serves that one/,
  ],
  [
    'a file that is no socket',
    input({ there: 'replaced', by: { ...other, isSocket: false }, deleted: false }, { taker: 'process 42' }),
    'path-taken',
    /^Something that is not a socket .* any more, unless its file was renamed/,
  ],
  [
    'a renamed file',
    input({ ...bound, there: 'moved', to: Buffer.from('/run/\x1bnew'), by: undefined }),
    'file-moved',
    /is \/run\/\\x1bnew now/,
  ],
  [
    'a renamed file whose path another has',
    input({ ...bound, there: 'moved', to: Buffer.from('/run/old'), by: other }, { taker: 'process 42 (new)' }),
    'path-taken',
    /clients reach process 42 \(new\)\. Its own file was renamed, and is \/run\/old now/,
  ],
  ['one client where there is room for one', backlog(1, 0), undefined],
  ['one client where there is room for two', backlog(1, 1), undefined],
  ['two clients where there is room for two', backlog(2, 1), 'backlog-near-full', /is full: 2 clients/],
  ['less than three quarters', backlog(12, 16), undefined],
  [
    'three quarters',
    backlog(13, 16),
    'backlog-near-full',
    /nearly full: 13 clients wait to be accepted; there is room for 17\.$/,
  ],
  ['one place left', backlog(16, 16), 'backlog-near-full', /nearly full/],
  ['no place left', backlog(17, 16), 'backlog-near-full', /is full: 17 .* EAGAIN\.$/],
  [
    'clients that are known',
    backlog(4, 3, '8 (wget)', '7 (curl)', '7 (curl)'),
    'backlog-near-full',
    /They come from 7 \(curl\) × 2 and 8 \(wget\)\. The holders of 1 more were not seen\.$/,
  ],
  [
    'many clients',
    backlog(8, 7, ...Array.from({ length: 8 }, (_, index) => `${index} (x)`)),
    'backlog-near-full',
    /from 0 \(x\), 1 \(x\), 2 \(x\), 3 \(x\), 4 \(x\) and 3 more\.$/,
  ],
  ['a file for all', input({ there: 'bound', ...open }), 'open-to-all', /^Anybody may connect to it/],
  [
    "a receiver's file for all",
    input({ there: 'bound', ...open }, { socket: receiver }),
    'open-to-all',
    /^Anybody may send to it/,
  ],
  ['a file for all below a directory for few', input({ there: 'bound', ...guarded }), undefined],
  [
    'a file for all, and directories that are not known',
    input({ there: 'bound', ...open, guards: refused('EACCES') }),
    undefined,
  ],
  [
    'an abstract name',
    input(undefined, { socket: abstract }),
    'open-to-all',
    /^Any process of its network namespace may connect/,
  ],
  [
    'a receiver that takes of its peer only',
    input(undefined, { socket: { ...abstract, type: 'dgram', state: 'connected', backlog: undefined, peerInode: 5 } }),
    undefined,
  ],
  [
    'a listener that takes nobody any more',
    input(undefined, { socket: { ...abstract, shutdown: { receive: true, send: false } } }),
    undefined,
  ],
];

describe('listenerFindings', () => {
  for (const [when, from, id, text] of cases) {
    it(`${when}: ${id ?? 'nothing'}`, () => {
      const findings = listenerFindings(from);
      assert.deepEqual(
        findings.map((one) => one.id),
        id === undefined ? [] : [id],
      );
      if (text !== undefined) assert.match(findings[0]?.text ?? '', text);
    });
  }

  it('tells of a renamed file also that it is open to all', () => {
    const findings = listenerFindings(input({ there: 'moved', to: Buffer.from('/a'), by: undefined, ...open }));
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['file-moved', 'open-to-all'],
    );
  });
});

describe('processListText', () => {
  it('names five processes, and counts the others', () => {
    const named = (...pids: number[]): string | undefined =>
      processListText(pids.map((pid) => ({ pid, comm: Buffer.from([0x61, 0xff]) })));
    assert.equal(named(), undefined);
    assert.equal(named(1), 'process 1 (a\\xff)');
    assert.equal(named(1, 2), 'processes 1 (a\\xff) and 2 (a\\xff)');
    assert.equal(someOf(['1', '2', '3', '4', '5']), '1, 2, 3, 4 and 5');
    assert.equal(someOf(['1', '2', '3', '4', '5', '6']), '1, 2, 3, 4, 5 and 1 more');
  });
});
