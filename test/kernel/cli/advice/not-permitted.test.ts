import assert from 'node:assert/strict';

import { landlockVersion } from '../../../../native-probe/security-modules.js';
import { reading, valueOf } from '../../../../src/words/reading.js';
import { assertProblem } from '../../../helpers/assert-problem.js';
import { landlocked } from '../../../helpers/machine/landlock.js';
import { isRoot, requirePrograms, requireThat } from '../../../helpers/machine/requirements.js';
import { refusing } from '../../../helpers/machine/seccomp.js';
import { TemporaryDirectory } from '../../../helpers/machine/temporary.js';
import { freshName } from '../../../helpers/peers/connected.js';
import { Peer } from '../../../helpers/peers/peer.js';
import { runPeerpid } from '../../../helpers/running/run-peerpid.js';

const sandbox =
  /a landlock sandbox that peerpid was started in, which may keep it from abstract sockets that were made outside \(landlock\(7\); \/proc does not show/;

describe('the hint where connect(2) is not permitted', () => {
  const version = valueOf(reading(landlockVersion)) ?? 0;

  it('names landlock for an abstract socket outside of its sandbox, and what else may forbid it', async function () {
    requirePrograms(this, 'python3');
    requireThat(this, version >= 6, 'takes landlock with scopes, Linux 6.12');
    const name = freshName();
    await using server = await Peer.start();
    await server.do('listen', name);
    const expected = { status: 1, message: /^you may not connect to @/, hint: sandbox };
    await assertProblem(['inspect', name], expected, { wrapper: landlocked });
    await assertProblem(['send', name, 'x'], expected, { wrapper: landlocked });
    const { stderr } = await runPeerpid(['inspect', name], { wrapper: landlocked });
    assert.match(stderr, /It may be a BPF program on a cgroup/);
    assert.doesNotMatch(stderr, /datagram/);
    // A stream of that name, and a datagram socket that is connected: either may have been meant
    const its = freshName();
    await server.do('listen', its, 'dgram');
    await server.do('bindAndConnect', name, its, 'dgram');
    await assertProblem(['inspect', name], expected, { wrapper: landlocked });
    assert.equal((await runPeerpid(['inspect', name])).status, 0);
  });

  it('does not for a path, which landlock lets everybody connect to before Linux 7.1', async function () {
    requirePrograms(this, 'python3');
    requireThat(this, version >= 6 && version < 9, 'takes landlock without rules for sockets of paths');
    requireThat(this, isRoot, 'a seccomp filter takes root');
    using directory = new TemporaryDirectory();
    await using server = await Peer.start();
    const path = directory.file('socket');
    await server.do('listen', path);
    assert.equal((await runPeerpid(['inspect', path], { wrapper: landlocked })).status, 0);
    const message = /^you may not connect to /;
    for (const errno of [13, 1]) {
      const wrapper = refusing('connect', errno);
      await assertProblem(
        ['send', path, 'x'],
        { status: 1, message, hint: /the seccomp filter that peerpid runs under/ },
        { wrapper },
      );
      assert.doesNotMatch((await runPeerpid(['send', path, 'x'], { wrapper })).stderr, /landlock/);
    }
  });
});
