import assert from 'node:assert/strict';

import {
  decodeAddress,
  decodeName,
  encodeAddress,
  sockaddrSize,
  type UnixAddress,
} from '../../../native-probe/unix-address.js';
import { addressOf, bind, openSocket } from '../../../native-probe/unix-socket.js';

const path = (text: string): UnixAddress => ({ kind: 'path', path: Buffer.from(text, 'latin1') });
const abstract = (text: string): UnixAddress => ({ kind: 'abstract', name: Buffer.from(text, 'latin1') });

describe('a struct sockaddr_un', () => {
  for (const [what, address, length] of [
    ['a path', path('/run/x'), 9],
    ['a path of 107 bytes, with its NUL', path('p'.repeat(107)), 110],
    ['a path of 108 bytes, without', path('p'.repeat(108)), 110],
    ['bytes that are not UTF-8', path('/\xff\xfe'), 6],
    ['an abstract name', abstract('name'), 7],
    ['an abstract name of NULs', abstract('\0\0a\0'), 7],
    ['an abstract name of 107 bytes', abstract('n'.repeat(107)), 110],
    ['no name', { kind: 'unnamed' }, 2],
  ] as const) {
    it(`holds ${what}`, () => {
      const sockaddr = encodeAddress(address);
      assert.equal(sockaddr.length, length);
      assert.equal(sockaddr.readUInt16LE(0), 1);
      assert.deepEqual(decodeAddress(sockaddr, sockaddr.length), address);
    });
  }

  it('is read no further than the kernel said, and than there is', () => {
    const sockaddr = Buffer.concat([encodeAddress(abstract('name')), Buffer.from('rest')]);
    assert.deepEqual(decodeAddress(sockaddr, 7), abstract('name'));
    assert.deepEqual(decodeAddress(Buffer.from([1, 0, 0x2f]), 111), path('/'));
  });

  it('does not share memory with the buffer that the kernel wrote', () => {
    const name = Buffer.from('\0name');
    const address = decodeName(name);
    name.fill(0x78);
    assert.deepEqual(address, abstract('name'));
  });

  it('comes back from the kernel, NULs and all', () => {
    const address = abstract(`peerpid-test-${process.pid}\0\0`);
    using socket = openSocket('stream');
    assert.deepEqual(addressOf(socket), { kind: 'unnamed' });
    bind(socket, address);
    assert.deepEqual(addressOf(socket), address);
    assert.equal(sockaddrSize, 111);
  });
});
