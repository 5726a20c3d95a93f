import assert from 'node:assert/strict';

import { acceptedBy } from '../helpers/machine/connections.js';
import { isRoot, requirePrograms } from '../helpers/machine/requirements.js';
import { publicDirectory, Service, signal } from '../helpers/peers/service.js';
import { inspect } from '../helpers/running/inspect.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';
import { waitFor } from '../helpers/wait-for.js';

describe('peerpid and ssh-agent', () => {
  before(function () {
    requirePrograms(this, 'ssh-agent', 'ssh-add');
  });

  it('pins the agent, and leaves nothing behind in it', async () => {
    using directory = publicDirectory();
    const path = directory.file('agent');
    await using agent = await Service.start(['ssh-agent', '-D', '-a', path], { listensAt: path });
    await agent.logged('Agent pid');
    const said = agent.log;
    const document = await inspect(path);
    assert.equal(document.verdict, 'pinned');
    assert.equal(document.credential?.pid, agent.pid);
    assert.equal(document.byPidfd?.comm, 'ssh-agent');
    assert.deepEqual(
      document.holders?.map(({ pid }) => pid),
      isRoot ? [agent.pid] : [],
      'the agent hides its descriptors from everybody but root',
    );
    assert.equal(document.socket.mode, '0600');

    await waitFor('the agent closes the connection', () => acceptedBy(agent.pid, path).length === 0);
    assert.equal(agent.log, said);
    await using client = await Service.start(['ssh-add', '-l'], { env: { SSH_AUTH_SOCK: path } });
    assert.equal(await client.status(), 1, 'it has no identities, and still answers');
  });

  it('that runs in the background, as it does for everybody, is no alarm', async () => {
    using directory = publicDirectory();
    const path = directory.file('agent');
    await using started = await Service.start(['ssh-agent', '-s', '-a', path]);
    assert.equal(await started.status(), 0);
    const agent = Number(/SSH_AGENT_PID=(\d+)/.exec(started.log)?.[1]);
    try {
      const document = await inspect(path);
      assert.deepEqual([document.verdict, document.credential?.pid], ['exited', started.pid]);
      assert.match(
        document.findings.map(({ text }) => text).join(),
        isRoot ? /Daemons that fork .* look like this/ : /^/,
      );
      const scanned = await runPeerpid(['scan', '--connections', '--no-truncate', '--socket', path]);
      assert.equal(scanned.status, 0, scanned.stdout);
      if (isRoot)
        assert.match(scanned.stdout, new RegExp(`^exited .* ssh-agent ${agent} .*PID ${started.pid}, status 0`, 'm'));
      assert.doesNotMatch(scanned.stdout, /holder-differs$/m);
      assert.equal((await runPeerpid(['scan', '--strict', '--socket', path])).status, isRoot ? 3 : 0);
    } finally {
      signal(agent, 'SIGTERM');
    }
  });

  it('tells an administrator that only its user may connect', async () => {
    using directory = publicDirectory();
    const path = directory.file('agent');
    await using _agent = await Service.start(['ssh-agent', '-D', '-a', path], { listensAt: path });
    const { stdout } = await runPeerpid(['inspect', path]);
    assert.match(stdout.replace(/\s+/g, ' '), isRoot ? /: only root may connect/ : /: root and user \S+ may connect/);
  });
});
