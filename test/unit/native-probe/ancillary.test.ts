import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { constants } from 'node:os';

import { type Ancillary, decodeAncillary, encodeCredential } from '../../../native-probe/ancillary.js';
import { Fd } from '../../../native-probe/fd.js';
import type { Message } from '../../../native-probe/message.js';
import { unusedPid } from '../../helpers/machine/unused-pid.js';
import { reportOf } from '../../helpers/peers/receiver.js';

const SOL_SOCKET = 1;
const [SCM_RIGHTS, SCM_CREDENTIALS, SCM_SECURITY, SCM_PIDFD] = [1, 2, 3, 4];
const { EINVAL, ESRCH, EMFILE } = constants.errno;

/** One control message as the kernel writes it, with its padding. cmsg(3) */
function cmsg(type: number, data: Buffer, level = SOL_SOCKET, length = 16 + data.length): Buffer {
  const bytes = Buffer.alloc(16 + ((data.length + 7) & ~7));
  bytes.writeBigUInt64LE(BigInt(length), 0);
  bytes.writeInt32LE(level, 8);
  bytes.writeInt32LE(type, 12);
  data.copy(bytes, 16);
  return bytes;
}

function integers(...values: number[]): Buffer {
  return Buffer.from(Int32Array.from(values).buffer);
}

const credential = { pid: 4242, uid: 1000, gid: 4294967294 };

function messageWith(ancillary: Ancillary): Message {
  return { data: Buffer.of(), length: 0, from: { kind: 'unnamed' }, ancillary, controlTruncated: false };
}

describe('decodeAncillary', () => {
  it('reads back stated credentials', () => {
    using ancillary = decodeAncillary(encodeCredential(credential));
    assert.deepEqual(ancillary.credential, credential);
    assert.equal(ancillary.pidfd, undefined);
    assert.deepEqual(ancillary.passed, []);
  });

  it('reads each kind, in any order, past levels and types that it does not know', () => {
    const label = cmsg(SCM_SECURITY, Buffer.from('unconfined\0'));
    const others = [cmsg(99, integers(1, 2, 3)), cmsg(SCM_RIGHTS, integers(0), 41)];
    using ancillary = decodeAncillary(Buffer.concat([label, ...others, encodeCredential(credential)]));
    assert.equal(ancillary.securityLabel?.toString(), 'unconfined');
    assert.deepEqual(ancillary.credential, credential);
    // Descriptor 0 of another level is none of SCM_RIGHTS
    assert.deepEqual(ancillary.passed, []);
  });

  it('owns the descriptors: disposing closes each, once', () => {
    const opened = [0, 1, 2].map(() => openSync('/dev/null', 'r'));
    const [pidfd = -1, ...passed] = opened;
    const bytes = Buffer.concat([cmsg(SCM_PIDFD, integers(pidfd)), cmsg(SCM_RIGHTS, integers(...passed))]);
    const ancillary = decodeAncillary(bytes);
    assert.ok(ancillary.pidfd instanceof Fd);
    assert.equal(ancillary.pidfd.number, pidfd);
    assert.deepEqual(
      ancillary.passed.map(({ number }) => number),
      passed,
    );
    ancillary[Symbol.dispose]();
    for (const number of opened) assert.throws(() => fstatSync(number), { code: 'EBADF' });
    // A second time must not close who has the numbers now
    const others = opened.map(() => openSync('/dev/null', 'r'));
    ancillary[Symbol.dispose]();
    for (const number of others) closeSync(number);
  });

  for (const [name, length] of [
    ['no length', 0],
    ['a length shorter than the header', 15],
    ['a length beyond the buffer', 4096],
  ] as const) {
    it(`stops at ${name}`, () => {
      const bytes = Buffer.concat([encodeCredential(credential), cmsg(SCM_RIGHTS, integers(0), SOL_SOCKET, length)]);
      using ancillary = decodeAncillary(bytes);
      assert.deepEqual(ancillary.credential, credential);
      assert.deepEqual(ancillary.passed, []);
    });
  }

  it('takes what put_cmsg() cut off for absent: a credential or pidfd that is not whole', () => {
    for (let length = 0; length < 12; length++) {
      using ancillary = decodeAncillary(cmsg(SCM_CREDENTIALS, Buffer.alloc(length, 1)));
      assert.equal(ancillary.credential, undefined, `${length} bytes`);
    }
    for (let length = 0; length < 4; length++) {
      using ancillary = decodeAncillary(cmsg(SCM_PIDFD, Buffer.alloc(length, 1)));
      assert.equal(ancillary.pidfd, undefined, `${length} bytes`);
    }
  });

  it('ignores bytes after the last whole header', () => {
    using ancillary = decodeAncillary(Buffer.concat([encodeCredential(credential), Buffer.alloc(15, 255)]));
    assert.deepEqual(ancillary.credential, credential);
  });

  it('reads an empty buffer', () => {
    using ancillary = decodeAncillary(Buffer.of());
    assert.deepEqual([ancillary.credential, ancillary.pidfd, ancillary.passed], [undefined, undefined, []]);
  });
});

describe('SCM_PIDFD with a negative errno in place of a descriptor, as before Linux 6.17', () => {
  function ancillaryFrom(pid: number, errno: number): Ancillary {
    const sender = encodeCredential({ pid, uid: 0, gid: 0 });
    return decodeAncillary(Buffer.concat([sender, cmsg(SCM_PIDFD, integers(-errno))]));
  }

  it('is never used as a descriptor', () => {
    using ancillary = ancillaryFrom(process.pid, EINVAL);
    assert.equal(ancillary.pidfd, EINVAL);
  });

  for (const [name, errno] of [
    ['EINVAL', EINVAL],
    ['ESRCH', ESRCH],
  ] as const) {
    it(`${name}: the sender has ended, so who has its number is another`, () => {
      const inspection = reportOf(messageWith(ancillaryFrom(process.pid, errno)));
      assert.deepEqual(inspection.judgement, { verdict: 'recycled', basis: 'refusal' });
      assert.ok(inspection.sender.refusedAsEnded);
      assert.deepEqual(inspection.sender.pinned, { error: { syscall: 'SCM_PIDFD', code: name } });
    });

    it(`${name}: the sender has ended, and nobody has its number`, () => {
      const inspection = reportOf(messageWith(ancillaryFrom(unusedPid(), errno)));
      assert.deepEqual(inspection.judgement, { verdict: 'exited', basis: 'refusal' });
      assert.equal(inspection.sender.named?.facts, undefined);
    });
  }

  it('EMFILE: it says nothing about the sender', () => {
    const inspection = reportOf(messageWith(ancillaryFrom(process.pid, EMFILE)));
    assert.deepEqual(inspection.judgement, { verdict: 'unpinned', basis: 'credential' });
    assert.ok(!inspection.sender.refusedAsEnded);
    assert.match(inspection.sentence, /EMFILE/);
  });
});
