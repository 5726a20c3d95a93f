import assert from 'node:assert/strict';

import { Connected } from '../../helpers/peers/connected.js';
import { scan } from '../../helpers/running/scan.js';

describe('peerpid scan --json', () => {
  it('has with --explain the evidence for each credential', async () => {
    await using both = await Connected.start();
    const fd = Number(both.accepted.split('/').at(-1));
    assert.equal((await scan()).of(both.server, fd).evidence, undefined);
    const { inode, evidence = [], verdict, byPidfd } = (await scan(['--explain'])).of(both.server, fd);
    assert.equal(verdict, 'pinned');
    const calls = evidence.map(({ call, answer }) => `${call} = ${answer}`).join('\n');
    const steps = [
      `pidfd_getfd(pidfd of ${both.server.pid}, ${fd}) = a duplicate of socket ${inode}`,
      `getsockopt(SO_PEERCRED) = pid ${both.client.pid}, uid `,
      `getsockopt(SO_PEERPIDFD), fstat = a pidfd, id ${byPidfd?.pidfdId ?? ''}`,
      'verdict = pinned',
    ];
    for (const step of steps) assert.ok(calls.includes(step), `${step} in ${calls}`);
    assert.match(calls, new RegExp(`pidfd_open\\(${both.client.pid}, `));
  });

  it('tells the groups of the peer as of connect(2)', async () => {
    await using both = await Connected.start();
    const row = (await scan()).of(both.server, Number(both.accepted.split('/').at(-1)));
    assert.deepEqual(row.credential?.groups, process.getgroups?.().filter((gid) => gid !== process.getegid?.()) ?? []);
  });
});
