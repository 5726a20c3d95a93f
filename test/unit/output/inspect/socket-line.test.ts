import assert from 'node:assert/strict';

import type { SocketDocument } from '../../../../src/document/socket-document.js';
import { modeText, socketLine } from '../../../../src/output/inspect/socket-line.js';

const base = { type: 'stream', state: 'listening', address: '/run/x' } as const;

function file(mode: string, uid = 1000): SocketDocument {
  const owner = uid === 0 ? { id: 0, name: 'root' } : { id: uid, name: 'ann' };
  return { ...base, owner, group: { id: 50, name: 'staff' }, mode };
}

function who(socket: SocketDocument): string | undefined {
  return /: (.*) may connect$/.exec(socketLine(socket))?.[1];
}

describe('who may connect', () => {
  for (const [mode, uid, expected] of [
    ['0777', 1000, 'anybody'],
    ['0666', 0, 'anybody'],
    ['0222', 1000, 'anybody'],
    ['0555', 1000, 'only root'],
    ['0000', 1000, 'only root'],
    ['0600', 0, 'only root'],
    ['0600', 1000, 'root and user ann'],
    ['0660', 0, 'root and group staff'],
    ['0660', 1000, 'root and user ann and group staff'],
    ['0060', 1000, 'root and group staff (but not user ann)'],
    ['0060', 0, 'root and group staff'],
    ['0602', 1000, 'anybody but group staff'],
    ['0002', 1000, 'anybody but user ann and group staff'],
    ['0002', 0, 'anybody but group staff'],
    ['0062', 1000, 'anybody but user ann'],
  ] as const) {
    it(`${mode} of uid ${uid}: ${expected}`, () => {
      assert.equal(who(file(mode, uid)), expected);
    });
  }

  const entry = (tag: 'user' | 'group', id: number, permissions: string, name?: string) => ({
    tag,
    id,
    ...(name === undefined ? {} : { name }),
    permissions,
  });
  for (const [mode, owning, mask, entries, expected] of [
    ['0660', '---', 'rw-', [entry('user', 33, 'rw-', 'www-data')], 'root and user ann and user www-data'],
    ['0640', 'rw-', 'r--', [entry('user', 33, 'rw-')], 'root and user ann'],
    [
      '0660',
      'rw-',
      'rw-',
      [entry('user', 33, '---', 'www-data'), entry('group', 9, 'rw-')],
      'root and user ann and group staff and group 9 (but not user www-data)',
    ],
    ['0666', 'rw-', 'rw-', [entry('user', 33, '---')], 'anybody but user 33'],
    ['0666', 'rw-', 'rw-', [entry('group', 7, 'r--', 'seven')], 'anybody but group seven'],
    // The kernel does not look at a list whose mask is empty
    ['0606', 'rw-', '---', [entry('user', 33, 'rw-')], 'anybody but group staff'],
  ] as const) {
    it(`${mode} with the list ${JSON.stringify(entries)}: ${expected}`, () => {
      const accessList = [
        { tag: 'owner', permissions: 'rw-' },
        ...entries,
        { tag: 'owning-group', permissions: owning },
        { tag: 'mask', permissions: mask },
        { tag: 'others', permissions: mode.endsWith('6') ? 'rw-' : '---' },
      ] as const;
      const socket = { ...file(mode), accessList };
      assert.equal(who(socket), expected);
      assert.match(socketLine(socket), /srw-[-rwx]{6}\+ ann staff/);
    });
  }

  it('names the directories that not everybody may enter', () => {
    const guard = { path: '/run/app', owner: { id: 0, name: 'root' }, group: { id: 7 }, mode: '0750' };
    assert.equal(who({ ...file('0777'), guardedBy: [guard] }), 'anybody who may enter /run/app (drwxr-x--- root 7)');
  });

  it('is nobody where the file is immutable, and perhaps nobody where its owner may not be mapped', () => {
    assert.match(socketLine({ ...file('0666'), bar: 'immutable' }), /: nobody may connect, as its file is immutable$/);
    assert.match(
      socketLine({ ...file('0666'), bar: 'unmapped' }),
      /: anybody may connect, or nobody, if its owner or group is one that its idmapped mount does not map$/,
    );
  });

  it('is any process for an abstract name', () => {
    assert.equal(who({ ...base, address: '@x' }), 'any process of its network namespace');
  });

  it('may send, where it is a datagram socket', () => {
    for (const socket of [
      { ...file('0600', 0), type: 'dgram' } as const,
      { ...base, type: 'dgram', address: '@x' } as const,
    ])
      assert.match(socketLine(socket), /may send$/);
  });

  it('is not told of a connected socket, nor without the file', () => {
    assert.equal(who({ ...file('0777'), state: 'connected' }), undefined);
    assert.equal(who(base), undefined);
  });
});

describe('socketLine', () => {
  it('says what was looked at', () => {
    assert.equal(
      socketLine({ ...file('0660'), inode: 9, backlog: { waiting: 3, most: 128 } }),
      '/run/x  stream, listening, srw-rw---- ann staff, inode 9, 3 clients waiting (backlog 128): root and user ann and group staff may connect',
    );
    assert.equal(
      socketLine({ type: 'seqpacket', state: 'connected', peerAddress: '@\x1b' }),
      'a socket without a name  seqpacket, connected, peer bound to @\\x1b',
    );
  });
});

describe('modeText', () => {
  for (const [mode, text] of [
    [0o777, 'srwxrwxrwx'],
    [0o640, 'srw-r-----'],
    [0o124, 's--x-w-r--'],
    [0, 's---------'],
  ] as const) {
    it(`is ${text}`, () => {
      assert.equal(modeText('s', mode), text);
    });
  }
});
