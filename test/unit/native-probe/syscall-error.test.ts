import assert from 'node:assert/strict';

import { check, errnoName, failedWith, named, SyscallError, withSubject } from '../../../native-probe/syscall-error.js';

describe('SyscallError', () => {
  it('names the call, the errno and what it was called on', () => {
    const error = new SyscallError('connect', 111, '/run/x');
    assert.equal(error.message, 'connect /run/x: ECONNREFUSED');
    assert.equal(error.code, 'ECONNREFUSED');
    assert.equal(new SyscallError('poll', 4).message, 'poll: EINTR');
  });

  it('is thrown for a negative result only', () => {
    assert.equal(check(0, 'poll'), 0);
    assert.equal(check(7, 'poll'), 7);
    assert.throws(
      () => check(-3, 'pidfd_open', '42'),
      (error) => failedWith(error, 'EPERM', 'ESRCH'),
    );
  });

  it('is told from other errors', () => {
    assert.ok(!failedWith(new SyscallError('poll', 4), 'EAGAIN'));
    assert.ok(!failedWith(Object.assign(new Error(), { code: 'EINTR' }), 'EINTR'));
  });
});

describe('named', () => {
  it('adds the name to a call on one', () => {
    const refused = named(new SyscallError('connect', 111), '/run/x');
    assert.ok(failedWith(refused, 'ECONNREFUSED'));
    assert.equal(refused.message, 'connect /run/x: ECONNREFUSED');
    assert.throws(() => withSubject('/run/x', () => check(-13, 'bind')), { message: 'bind /run/x: EACCES' });
  });

  it('leaves other errors as they are', () => {
    const others = [new SyscallError('connect', 111, '@a'), new SyscallError('socket', 24), new Error('connect')];
    for (const error of others) assert.equal(named(error, '/run/x'), error);
  });
});

describe('errnoName', () => {
  for (const [errno, name] of [
    [1, 'EPERM'],
    [10, 'ECHILD'],
    [11, 'EAGAIN'],
    [61, 'ENODATA'],
    [66, 'EREMOTE'],
    [92, 'ENOPROTOOPT'],
    [530, 'ERRNO_530'],
  ] as const) {
    it(`${errno} is ${name}`, () => {
      assert.equal(errnoName(errno), name);
    });
  }
});
