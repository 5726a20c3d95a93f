import assert from 'node:assert/strict';

import { TemporaryDirectory } from '../helpers/machine/temporary.js';
import { runPeerpid } from '../helpers/running/run-peerpid.js';

describe('a current directory that has been removed', () => {
  for (const args of [
    ['inspect', 'x.sock'],
    ['send', 'x.sock', 'text'],
    ['listen', 'x.sock'],
    ['listen', 'deeper/x.sock'],
    ['scan', '--no-audit', '--output', 'x.json'],
  ]) {
    it(`is why there is nothing: ${args.join(' ')}`, async () => {
      using parent = new TemporaryDirectory();
      const script = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"';
      const wrapper = ['sh', '-c', script, parent.file('removed')];
      const { stdout, stderr, status } = await runPeerpid(args, { wrapper });
      assert.equal(stdout, '');
      assert.match(stderr, /^peerpid: .*\n {2}hint: The current directory has been removed: leave it with `cd`, /m);
      assert.equal(status, 1);
    });
  }

  it('has nothing to do with a whole path', async () => {
    using parent = new TemporaryDirectory();
    const { stderr } = await runPeerpid(['inspect', parent.file('nothing')]);
    assert.match(stderr, /hint: Is the service running\?/);
  });
});
