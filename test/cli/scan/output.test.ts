import assert from 'node:assert/strict';

import { assertProblem } from '../../helpers/assert-problem.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { peerpid, runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('scan, as a command', () => {
  const hint = /`peerpid scan --help` shows/;
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown flag', ['--bogus'], /there is no option --bogus/],
    ['a timeout, which it has none of', ['--timeout', '3'], /there is no option --timeout/],
  ];
  for (const [title, args, message] of cases) {
    it(`refuses ${title}`, () => assertProblem(['scan', ...args], { status: 2, message, hint }));
  }

  it('--explain tells on standard error how each socket was asked', async () => {
    const name = freshName();
    await using peer = await Peer.start();
    const fd = await peer.number('listen', name);
    const { stderr } = await runPeerpid(['scan', '--explain']);
    const steps = stderr.slice(stderr.indexOf(`listening, ${name}:\n`)).split('\n\n')[0] ?? '';
    assert.match(steps, new RegExp(`^pidfd_getfd\\(pidfd of ${peer.pid}, ${fd}\\) = a duplicate of socket \\d+$`, 'm'));
    assert.match(steps, new RegExp(`^getsockopt\\(SO_PEERCRED\\) = pid ${peer.pid}, `, 'm'));
    assert.match(steps, /^getsockopt\(SO_PEERPIDFD\), fstat = a pidfd, id \d+$/m);
    assert.match(steps, /^verdict = pinned$/m);
  });

  it('a full disk is an error, a reader that goes away is none', async () => {
    const sh = (script: string): readonly string[] => ['sh', '-c', script, 'sh'];
    const full = await runPeerpid(['scan', '--connections'], { wrapper: sh('exec "$@" > /dev/full') });
    assert.equal(full.status, 1);
    assert.match(full.stderr, /standard output cannot be written: ENOSPC/);
    const piped = await runPeerpid([], { wrapper: sh(`"$1" ${peerpid} scan | head -1`) });
    assert.match(piped.stdout, /^(?:(?:NETNS +)?ADDRESS |without a name: )[^\n]*\n$/);
    assert.equal(piped.stderr, '');
  });
});
