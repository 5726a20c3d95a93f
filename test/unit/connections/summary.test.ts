import assert from 'node:assert/strict';

import { summaryOf } from '../../../src/connections/summary.js';
import type { ScannedSocketDocument } from '../../../src/document/scan-document.js';

function row(inode: number, more: Partial<ScannedSocketDocument>): ScannedSocketDocument {
  return { inode, type: 'stream', state: 'connected', holders: [], findings: [], unavailable: [], ...more };
}

describe('the summary of a scan', () => {
  it('counts a connection once, whichever end has the smaller number', () => {
    const pair = [row(2, { peerInode: 9 }), row(9, { peerInode: 2 })];
    assert.equal(summaryOf(pair).connections, 1);
    assert.equal(summaryOf([...pair].reverse()).connections, 1);
  });

  it('counts an end whose other one is not there', () => {
    assert.equal(summaryOf([row(2, {}), row(9, { peerInode: 3 })]).connections, 2);
  });

  it('counts each sender of a datagram receiver, older or younger than it', () => {
    const receiver = row(5, { type: 'dgram', state: 'unconnected', address: '/run/log' });
    const senders = [2, 9].map((inode) => row(inode, { type: 'dgram', peerInode: 5 }));
    const { connections, receivers } = summaryOf([receiver, ...senders]);
    assert.deepEqual([connections, receivers], [2, 1]);
  });
});
