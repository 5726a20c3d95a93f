import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';

import { failedWith } from '../../../native-probe/syscall-error.js';
import { openSocketPair } from '../../../native-probe/unix-socket.js';
import { peerOf } from '../../../src/index.js';
import { PidNamespace, requirePidNamespaces } from '../../helpers/machine/pid-namespace.js';
import { Connected } from '../../helpers/peers/connected.js';
import { endedClient, recycledClient } from '../../helpers/peers/recycling.js';
import type { DescriptorCount } from '../../helpers/programs/descriptors.js';
import { built } from '../../helpers/running/program-root.js';

const program = built('test/helpers/programs/descriptors.js');

function ownDescriptors(): string[] {
  return readdirSync('/proc/self/fd');
}

/** Runs the program in the namespace, with few descriptors: enough for Node, which opens many modules at once. */
async function countIn(namespace: PidNamespace, targets: string[]): Promise<DescriptorCount[]> {
  const limited = ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh', process.execPath, program, ...targets];
  const { stdout } = await promisify(execFile)('nsenter', [...namespace.enter.slice(1), ...limited]);
  return JSON.parse(stdout) as DescriptorCount[];
}

describe('file descriptors', () => {
  it('are all closed again, whatever the verdict, also when there are too few of them', async function () {
    requirePidNamespaces(this);
    await using namespace = await PidNamespace.make();
    const server = { wrapper: namespace.enter };
    // The recycled one first: later starts would take the number that it waits for
    await using recycled = await recycledClient(namespace);
    await using pinned = await Connected.start({ server, client: server });
    await using foreign = await Connected.start({ server });
    await using exited = await endedClient(namespace);
    const unconnected = await pinned.server.number('socket');
    const sockets = {
      pinned: pinned.accepted,
      recycled: recycled.accepted,
      foreign: foreign.accepted,
      exited: exited.accepted,
      none: `/proc/${pinned.server.ownPid}/fd/${unconnected}`,
    };
    const counts = await countIn(namespace, Object.values(sockets));
    assert.deepEqual(
      counts.map(({ verdict }) => verdict),
      Object.keys(sockets),
    );
    for (const { verdict, left, short } of counts) {
      assert.equal(left, 0, `${verdict}: ${left} left open`);
      assert.deepEqual(
        short.map((one) => one.left),
        short.map(() => 0),
        `${verdict}: ${JSON.stringify(short)}`,
      );
      for (const { came } of short) assert.ok(!came.startsWith('not a SyscallError'), `${verdict}: ${came}`);
      assert.equal(short[0]?.came, 'EMFILE');
      assert.equal(short.at(-1)?.came, verdict);
    }
  });

  it('are the pin alone while a Peer is held, and none after it', () => {
    const [one, other] = openSocketPair('stream');
    using ours = one;
    using _theirs = other;
    peerOf(ours.number)[Symbol.dispose]();
    const before = ownDescriptors();
    const peers = Array.from({ length: 20 }, () => peerOf(ours.number));
    assert.equal(ownDescriptors().length, before.length + peers.length);
    for (const peer of peers) peer[Symbol.dispose]();
    assert.deepEqual(ownDescriptors(), before);
  });

  it('are closed when the inspection throws: no socket, and no descriptor', () => {
    const file = openSync('/dev/null', 'r');
    try {
      const before = ownDescriptors();
      for (let round = 0; round < 20; round++) {
        assert.throws(
          () => peerOf(file),
          (error) => failedWith(error, 'ENOTSOCK'),
        );
        assert.throws(
          () => peerOf(1_000_000),
          (error) => failedWith(error, 'EBADF'),
        );
      }
      assert.deepEqual(ownDescriptors(), before);
    } finally {
      closeSync(file);
    }
  });
});
