import assert from 'node:assert/strict';

import { isPasted, type Pasted, pastedAddress, splitAddresses } from '../../../src/socket/pasted-address.js';
import { Problem } from '../../../src/words/problem.js';

const taken = (typed: string): Pasted | undefined => pastedAddress(Buffer.from(typed));
const path = (text: string): Pasted => ({ kind: 'path', path: Buffer.from(text, 'latin1') });
const abstract = (text: string): Pasted => ({ kind: 'abstract', name: Buffer.from(text, 'latin1') });

describe('pastedAddress', () => {
  const cases: readonly (readonly [typed: string, pasted: Pasted])[] = [
    ['unix:///run/docker.sock', path('/run/docker.sock')],
    ['unix://x.sock', path('x.sock')],
    ['unix:/run/x', path('/run/x')],
    ['unix:/run/a=b', path('/run/a=b')],
    ['unix:@name', abstract('name')],
    ['unix:///run/a%2Fb', path('/run/a%2Fb')],
    ['http+unix://%2Frun%2Fdocker.sock', path('/run/docker.sock')],
    ['http+unix://%2Frun%2Fdocker.sock/v1.41/info', path('/run/docker.sock')],
    ['%2frun%2Fx', path('/run/x')],
    ['unix:path=/run/bus', path('/run/bus')],
    ['unix:path=/run/bus,guid=0123abcd', path('/run/bus')],
    ['unix:guid=0123abcd,path=/run/bus', path('/run/bus')],
    ['unix:path=/run/a%20b%2c%ff', path('/run/a b,\xff')],
    ['unix:abstract=/tmp/dbus-x,guid=1', abstract('/tmp/dbus-x')],
    ['unix:abstract=a%00', abstract('a\0')],
    ['tcp:host=localhost,port=1;unix:path=/run/bus', path('/run/bus')],
    ['autolaunch:;unix:abstract=a;unix:path=/b', abstract('a')],
    ['unix:tmpdir=/tmp;unix:path=/b', path('/b')],
    ['socket:[4242]', { kind: 'inode', inode: 4242 }],
    ['inode:4242', { kind: 'inode', inode: 4242 }],
  ];
  for (const [typed, pasted] of cases) {
    it(`takes ${typed}`, () => {
      assert.deepEqual(taken(typed), pasted);
      assert.equal(isPasted(typed), true);
    });
  }

  it('keeps bytes that are not UTF-8', () => {
    assert.deepEqual(pastedAddress(Buffer.from('unix:/a\xff', 'latin1')), path('/a\xff'));
  });

  for (const typed of [
    '/run/x',
    './unix:path=x',
    'x',
    'unix',
    'unixes:x',
    'socket:[]',
    'socket:[1]x',
    'inode:x',
    'a%2F',
  ]) {
    it(`leaves ${typed} to be a path`, () => {
      assert.equal(taken(typed), undefined);
      assert.equal(isPasted(typed), false);
    });
  }

  for (const typed of [
    'unix:',
    'unix://',
    'unix:@',
    'unix:path=',
    'unix:abstract=',
    'unix:tmpdir=/tmp',
    'unix:runtime=yes',
    'tcp:host=localhost,port=1',
    'autolaunch:',
    'http+unix://',
    'socket:[0]',
    'inode:4294967296',
  ]) {
    it(`refuses ${typed}`, () => {
      assert.throws(
        () => taken(typed),
        (error) => error instanceof Problem && error.exitStatus === 2 && error.message.startsWith(typed),
      );
    });
  }
});

describe('splitAddresses', () => {
  for (const [list, addresses] of [
    ['/a,@b', ['/a', '@b']],
    ['unix:path=/a,guid=1,/b', ['unix:path=/a,guid=1', '/b']],
    ['/a,b=c', ['/a', 'b=c']],
    ['unix:/a,b=c', ['unix:/a', 'b=c']],
    ['/x,tcp:host=a,port=1;unix:path=/a,guid=1,@y', ['/x', 'tcp:host=a,port=1;unix:path=/a,guid=1', '@y']],
    ['a,,b', ['a', '', 'b']],
  ] as const) {
    it(list, () => {
      assert.deepEqual(splitAddresses(list), addresses);
    });
  }
});
