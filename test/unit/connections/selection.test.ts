import assert from 'node:assert/strict';

import { isConnected, isListening } from '../../../src/connections/connection-kinds.js';
import { connectionsOf } from '../../../src/connections/connections.js';
import { containsWord, criteria, type Criterion, type FindNamed } from '../../../src/connections/criteria.js';
import { selectFrom } from '../../../src/connections/selection.js';
import { summaryOf } from '../../../src/connections/summary.js';
import type {
  ScanDocument,
  ScannedProcessDocument,
  ScannedSocketDocument,
} from '../../../src/document/scan-document.js';
import type { HolderDocument } from '../../../src/document/socket-document.js';
import type { NamedSocket } from '../../../src/socket/named-socket.js';
import { Problem } from '../../../src/words/problem.js';
import { allSeen } from '../../helpers/document.js';

type Row = ScannedSocketDocument;

function holder(pid: number, comm: string): HolderDocument {
  return { pid, pidfdId: 100 + pid, comm, fds: [3] };
}

function row(inode: number, more: Partial<Row>): Row {
  return { inode, type: 'stream', state: 'connected', holders: [], findings: [], unavailable: [], ...more };
}

function process(pid: number, uid: number, unit: string | null): ScannedProcessDocument {
  const ids = { real: 0, effective: uid, saved: 0, fs: 0 };
  return { pid, pidfdId: 100 + pid, state: 'running', exitStatus: null, uids: ids, unit, unavailable: [] };
}

// A listener of nginx with a client and one that waits, a pair, and a receiver with a sender
const sockets: readonly Row[] = [
  row(1, {
    state: 'listening',
    address: '/run/web.sock',
    holders: [holder(10, 'nginx')],
    verdict: 'pinned',
    asks: ['cred', 'rights'],
    pending: [{ inode: 4, holders: [holder(12, 'wget')] }],
    findings: [{ id: 'open-to-all', severity: 'info', text: '' }],
  }),
  row(2, {
    peerInode: 3,
    address: '/run/web.sock',
    recordedBy: 'connect(2)',
    holders: [holder(10, 'nginx')],
    verdict: 'recycled',
    asks: ['cred', 'pidfd', 'rights'],
  }),
  row(3, { peerInode: 2, recordedBy: 'listen(2)', holders: [holder(11, 'curl')], verdict: 'pinned' }),
  row(4, { recordedBy: 'listen(2)', holders: [holder(12, 'wget')], verdict: 'pinned' }),
  row(5, { peerInode: 6, type: 'seqpacket', holders: [holder(13, 'a b')], verdict: 'pinned' }),
  row(6, { peerInode: 5, type: 'seqpacket', holders: [holder(13, 'a b')], verdict: 'pinned' }),
  row(7, { type: 'dgram', state: 'unconnected', address: '@log/x', holders: [holder(14, 'logd')], verdict: 'none' }),
  row(8, { type: 'dgram', peerInode: 7, holders: [holder(11, 'curl')], verdict: 'none' }),
];

const document: ScanDocument = {
  sockets,
  processes: [process(10, 33, 'nginx.service'), process(11, 1000, null), process(14, 0, 'logd.service')],
  networkNamespaces: [],
  summary: summaryOf(sockets),
  notSeen: allSeen,
  source: { by: 'proc' },
};

const userName = (uid: number): string | undefined => ({ 33: 'www-data', 0: 'root' })[uid];

/** The kinds of the chosen connections, and the first inode of each. */
function chosen(...all: Criterion[]): string[] {
  const { connections } = selectFrom(document, { named: [], others: all }, userName);
  return connections.map(({ kind, service, client }) => `${kind} ${(client ?? service)?.inode ?? ''}`).sort();
}

const all = connectionsOf(sockets)
  .map(({ kind, service, client }) => `${kind} ${(client ?? service)?.inode ?? ''}`)
  .sort();
const butNot = (...some: string[]): string[] => all.filter((one) => !some.includes(one));

/** Where nothing but the name counts. */
const findNothing: FindNamed = () => [];
const found =
  (named: NamedSocket): FindNamed =>
  (typed) =>
    typed === 'it' ? [named] : [];

const cases: readonly (readonly [what: string, chosen: string[], ...criteria: Criterion[]])[] = [
  ['nothing chosen', all],
  ['--pid 10', ['connection 3', 'listener 1', 'waiting 4'], criteria.pid('10')],
  ['--pid !10,13', ['receiver 7', 'sender 8'], criteria.pid('!10,13')],
  ['--user by name', ['connection 3', 'listener 1', 'waiting 4'], criteria.user('www-data')],
  ['--user by number', ['connection 3', 'sender 8'], criteria.user('1000')],
  ['--comm', ['connection 3', 'sender 8'], criteria.comm('cur?')],
  ['--comm with a blank', ['connection 6'], criteria.comm('a b')],
  ['--socket', ['connection 3', 'listener 1', 'waiting 4'], criteria.socket('/run/*', findNothing)],
  ['--socket over a slash', ['receiver 7', 'sender 8'], criteria.socket('@*', findNothing)],
  ['--socket with !', butNot('receiver 7', 'sender 8'), criteria.socket('!@log/x', findNothing)],
  ['--socket by inode', ['connection 3'], criteria.socket('it', found({ addresses: [], inode: 3 }))],
  [
    '--socket by another name',
    ['receiver 7', 'sender 8'],
    criteria.socket('other,it', found({ addresses: ['@log/x'], file: { error: { syscall: 'stat', code: 'ENOENT' } } })),
  ],
  ['--type', ['connection 6', 'receiver 7', 'sender 8'], criteria.type('seqpacket,dgram')],
  ['--verdict', ['connection 3'], criteria.verdict('recycled')],
  ['--verdict with !', ['connection 3'], criteria.verdict('!pinned,none')],
  ['--finding', ['listener 1'], criteria.finding('open-to-all')],
  ['--asks twice', ['listener 1', 'waiting 4'], criteria.asks('cred'), criteria.asks('!pidfd')],
  ['--listening', ['listener 1', 'receiver 7'], isListening],
  ['--connected', ['connection 3', 'connection 6', 'sender 8', 'waiting 4'], isConnected],
  ['a word of a unit, in capitals', ['connection 3', 'listener 1', 'waiting 4'], containsWord('NGINX.serv')],
  ['a word of a user', ['receiver 7', 'sender 8'], containsWord('root')],
  ['two words', ['connection 3'], containsWord('web.sock'), containsWord('curl')],
];

describe('choosing connections', () => {
  for (const [what, expected, ...by] of cases) {
    it(what, () => {
      assert.deepEqual(chosen(...by), expected);
    });
  }

  it('keeps both ends in the JSON, and sums up what was chosen', () => {
    const { document: part } = selectFrom(document, { named: [], others: [criteria.verdict('recycled')] }, userName);
    assert.deepEqual(
      part.sockets.map(({ inode }) => inode),
      [2, 3],
    );
    assert.deepEqual(part.summary.verdicts, { recycled: 1, pinned: 1 });
    assert.equal(part.notSeen, document.notSeen);
  });

  for (const [name, typed, hint] of [
    ['verdict', 'pined', /Possible values: .*pinned/],
    ['finding', 'nothing', /Possible values: .*zombie/],
    ['type', 'tcp', /stream, seqpacket, dgram/],
    ['asks', 'everything', /cred, pidfd, sec, rights/],
    ['pid', 'nginx', /pgrep/],
    ['comm', 'a,,b', /with commas between them/],
    ['socket', '!', /all but these/],
  ] as const) {
    it(`--${name} ${typed} is wrong usage`, () => {
      assert.throws(
        () => criteria[name](typed, findNothing),
        (error) => error instanceof Problem && error.exitStatus === 2 && hint.test(error.hint),
      );
    });
  }
});
