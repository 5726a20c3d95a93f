import assert from 'node:assert/strict';
import { once } from 'node:events';

import { compiled, startWithFuse } from '../../helpers/hostile/hostile.js';
import { TemporaryDirectory } from '../../helpers/machine/temporary.js';
import { Peer } from '../../helpers/peers/peer.js';
import { findingText, whyUnavailable } from '../../helpers/running/inspect.js';
import { Listening } from '../../helpers/running/listening.js';

it('listen serves others, and ends, while clients of its sleep in the middle of execve(2)', async function () {
  using directory = new TemporaryDirectory();
  const program = compiled(this, directory, 'exec-hang');
  const path = directory.file('socket');
  await using listening = await Listening.start(['--mode', '777', path]);
  const ended = once(listening.child.stdout, 'end');
  // Begun some time while it is looked at
  await using client = await startWithFuse(this, directory, program, path, 'connect');
  await client.logged('FLUSH');
  const shown = await listening.next('connection');
  assert.equal(shown.verdict, 'pinned');
  assert.equal(shown.byPidfd?.uids?.effective, shown.credential?.uid);
  await using _second = await startWithFuse(this, directory, program, path, 'connect');
  assert.equal((await listening.next('connection')).verdict, 'pinned');
  await using other = await Peer.start();
  await other.number('connect', path, 'stream');
  const served = await listening.next('connection');
  assert.deepEqual([served.credential?.pid, served.byPidfd?.exe], [other.pid, process.execPath]);
  listening.child.kill('SIGTERM');
  assert.equal(await listening.exitStatus, 0);
  await ended;
});

it('listen tells what it did not learn of a client that sleeps in the middle of execve(2)', async function () {
  using directory = new TemporaryDirectory();
  const program = compiled(this, directory, 'exec-hang');
  const path = directory.file('socket');
  await using listening = await Listening.start(['--mode', '777', path]);
  // It connects while nobody is served, and is held by the time that it is looked at
  listening.child.kill('SIGSTOP');
  await using client = await startWithFuse(this, directory, program, path, 'connect');
  await client.logged('FLUSH');
  listening.child.kill('SIGCONT');
  const shown = await listening.next('connection');
  assert.equal(shown.verdict, 'pinned');
  assert.match(findingText(shown, 'unreadable'), /^It sleeps in the middle of execve\(2\)/);
  assert.match(whyUnavailable(shown, 'byPidfd.exe') ?? '', /^given up: the process sleeps/);
  assert.equal((await listening.stop()).status, 0);
});
