import assert from 'node:assert/strict';

import { assertProblemJson, assertProblemText } from '../../helpers/assert-problem.js';
import { freshName } from '../../helpers/peers/connected.js';
import { Peer } from '../../helpers/peers/peer.js';
import { runPeerpid } from '../../helpers/running/run-peerpid.js';

describe('the columns that scan is asked for', () => {
  for (const [format, asked] of [
    ['--json', ['--columns', 'type']],
    ['--graph', ['--sort', 'type']],
    ['--prometheus', ['--extended']],
    ['--long', ['--columns', 'type']],
    ['--summary only', ['--sort', 'type']],
  ] as const) {
    it(`are refused where there are none: ${asked.join(' ')} ${format}`, async () => {
      const outcome = await runPeerpid(['scan', ...format.split(' '), ...asked]);
      const message = new RegExp(`^${asked[0]} is of the columns of a table, and ${format} has none$`);
      const expected = { status: 2, message, hint: /--csv and --nul have columns/ };
      if (format === '--json') assertProblemJson(outcome, expected);
      else assertProblemText(outcome, expected);
    });
  }

  it('sort the blocks of --long, too', async () => {
    // Names are counted, and the tenth comes before the ninth
    const [one = '', other = ''] = [freshName(), freshName()].sort();
    await using peer = await Peer.start();
    await peer.do('listen', one);
    await peer.do('listen', other);
    for (const [sort, first, second] of [
      ['address', one, other],
      ['-address', other, one],
    ] as const) {
      const { stdout } = await runPeerpid(['scan', '--long', '--pid', `${peer.pid}`, '--sort', sort]);
      assert.ok(stdout.includes(first) && stdout.indexOf(first) < stdout.indexOf(second), stdout);
    }
  });
});
