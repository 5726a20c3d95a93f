import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';

import { formatAddress, formatTarget, parseTarget, type Target } from '../../../src/socket/address.js';
import { Problem } from '../../../src/words/problem.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';

function refusal(typed: string): Problem {
  try {
    parseTarget(typed);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  return assert.fail(`${typed} was taken`);
}

describe('parseTarget', () => {
  const path = (text: string): Target => ({ kind: 'path', path: Buffer.from(text, 'latin1') });
  const abstract = (text: string): Target => ({ kind: 'abstract', name: Buffer.from(text, 'latin1') });
  const cases: readonly (readonly [typed: string, target: Target])[] = [
    ['/run/x.sock', path('/run/x.sock')],
    ['x.sock', path('x.sock')],
    ['./@name', path('./@name')],
    ['/run/a\\x0ab', path('/run/a\nb')],
    ['/run/a\\xffb', path('/run/a\xffb')],
    ['/run/a\\x5cx41', path('/run/a\\x41')],
    ['/run/a\\u{a0}b', path('/run/a\xc2\xa0b')],
    ['@\\u{202e}', abstract('\xe2\x80\xae')],
    ['@\\u{110000}', abstract('\\u{110000}')],
    ['/run/a\\xzz', path('/run/a\\xzz')],
    ['/run/a\\b', path('/run/a\\b')],
    ['@name', abstract('name')],
    ['@@', abstract('@')],
    ['@\\x00\\xff', abstract('\0\xff')],
    ['@/tmp/.X11-unix/X0', abstract('/tmp/.X11-unix/X0')],
    [`@${'n'.repeat(107)}`, abstract('n'.repeat(107))],
    [`@${'\\x00'.repeat(107)}`, abstract('\0'.repeat(107))],
    ['/proc/1234/fd/7', { kind: 'descriptor', pid: 1234, fd: 7 }],
    ['/proc/self/fd/0', { kind: 'descriptor', pid: 'self', fd: 0 }],
    ['/proc/thread-self/fd/3', { kind: 'descriptor', pid: 'self', fd: 3 }],
    ['/dev/fd/3', { kind: 'descriptor', pid: 'self', fd: 3 }],
    ['/proc/1234/fd', path('/proc/1234/fd')],
    ['/proc/1234/fdinfo/7', path('/proc/1234/fdinfo/7')],
    ['/proc/1234/root/run/x', path('/proc/1234/root/run/x')],
  ];
  for (const [typed, target] of cases) {
    it(`takes ${typed.slice(0, 40)} for ${target.kind === 'path' ? 'a path' : target.kind}`, () => {
      assert.deepEqual(parseTarget(typed), target);
    });
  }

  it('takes a path literally when it exists as it is typed', () => {
    using directory = new TemporaryDirectory();
    const typed = directory.file('a\\x41');
    assert.deepEqual(parseTarget(typed), path(directory.file('aA')));
    writeFileSync(typed, '');
    assert.deepEqual(parseTarget(typed), path(typed));
  });

  for (const [typed, message] of [
    ['', 'SOCKET is empty'],
    ['@', '@ names nothing'],
    ['@a\\x1', '@a\\x1 has a broken escape'],
    ['@a\\xgg', '@a\\xgg has a broken escape'],
    [`@${'n'.repeat(108)}`, 'the abstract name is 108 bytes long'],
    ['/run/a\\x00b', '/run/a\\x00b has a NUL byte'],
    ['/proc/4294967297/fd/3', '/proc/4294967297/fd/3 has a number that no process or descriptor can have'],
    ['/proc/1/fd/4294967299', '/proc/1/fd/4294967299 has a number that no process or descriptor can have'],
    ['/proc/0/fd/3', '/proc/0/fd/3 has a number that no process or descriptor can have'],
  ] as const) {
    it(`refuses ${typed === '' ? 'nothing' : typed.slice(0, 40)}`, () => {
      const problem = refusal(typed);
      assert.equal(problem.message, message);
      assert.equal(problem.exitStatus, 2);
      assert.notEqual(problem.hint, '');
    });
  }
});

describe('formatAddress', () => {
  it('is nothing for a socket without a name', () => {
    assert.equal(formatAddress({ kind: 'unnamed' }), undefined);
  });

  it('marks a relative path that would be taken for an abstract name', () => {
    assert.equal(formatAddress({ kind: 'path', path: Buffer.from('@name') }), './@name');
  });

  const everyByte = Array.from({ length: 256 }, (_, byte) => byte);
  for (let start = 0; start < 256; start += 64) {
    const some = Buffer.from(everyByte.slice(start, start + 64));
    it(`is taken back by parseTarget: bytes from ${start}`, () => {
      const abstract: Target = { kind: 'abstract', name: some };
      assert.deepEqual(parseTarget(formatTarget(abstract)), abstract);
      const path: Target = {
        kind: 'path',
        path: Buffer.concat([Buffer.from('/none/'), some.filter(Boolean)]),
      };
      assert.deepEqual(parseTarget(formatTarget(path)), path);
    });
  }

  for (const name of [
    'unix:path=x',
    'unix:x',
    'unix://x',
    'socket:[12]',
    'inode:7',
    '%2Fx',
    'tcp:host=x',
    'http+unix://x',
    'docker.socket',
  ]) {
    it(`marks a relative path that would be taken for another address: ${name}`, () => {
      const target: Target = { kind: 'path', path: Buffer.from(name) };
      assert.equal(formatTarget(target), `./${name}`);
      assert.deepEqual(parseTarget(`./${name}`), { kind: 'path', path: Buffer.from(`./${name}`) });
    });
  }

  it('is taken back for a descriptor and an inode', () => {
    for (const typed of ['/proc/12/fd/3', '/proc/self/fd/3', 'socket:[12]'])
      assert.equal(formatTarget(parseTarget(typed)), typed);
  });
});
