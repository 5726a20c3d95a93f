import assert from 'node:assert/strict';

import { activationIn, givenName } from '../../../src/socket/listen-fds.js';

function environment(...variables: readonly string[]): Buffer[] {
  return variables.map((variable) => Buffer.from(variable));
}

describe('sockets that a process was given when it was started', () => {
  const given = ['PATH=/bin', 'LISTEN_PID=42', 'LISTEN_FDS=2', 'LISTEN_FDNAMES=app.socket:other'];

  it('are its by number, each with a name', () => {
    const activation = activationIn(environment(...given), 42);
    assert.ok(activation !== undefined);
    assert.deepEqual(
      [2, 3, 4, 5].map((fd) => givenName(activation, fd)?.toString()),
      [undefined, 'app.socket', 'other', undefined],
    );
  });

  it('are not those of a child that has its environment', () => {
    assert.equal(activationIn(environment(...given), 43), undefined);
  });

  it('may have no names, or ones that cannot be', () => {
    const nameless = activationIn(environment('LISTEN_PID=42', 'LISTEN_FDS=1'), 42);
    assert.ok(nameless !== undefined);
    assert.equal(givenName(nameless, 3), null);
    const long = activationIn(environment('LISTEN_PID=42', 'LISTEN_FDS=2', `LISTEN_FDNAMES=:${'x'.repeat(256)}`), 42);
    assert.ok(long !== undefined);
    assert.deepEqual([givenName(long, 3), givenName(long, 4)], [null, null]);
  });

  for (const wrong of ['LISTEN_FDS=0', 'LISTEN_FDS=-1', 'LISTEN_FDS=99999999999', 'LISTEN_FDS=1x', 'LISTEN_FDS=']) {
    it(`are none by ${wrong}`, () => {
      assert.equal(activationIn(environment('LISTEN_PID=42', wrong), 42), undefined);
    });
  }
});
