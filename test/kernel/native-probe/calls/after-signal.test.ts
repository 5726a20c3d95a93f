import assert from 'node:assert/strict';

import { signal, Service } from '../../../helpers/peers/service.js';
import { built } from '../../../helpers/running/program-root.js';
import { waitFor } from '../../../helpers/wait-for.js';

for (const how of ['thread', 'poll']) {
  it(`a wait for what others may keep from coming is cut short by a signal: ${how}`, async () => {
    await using waiting = await Service.start([process.execPath, built('test/helpers/programs/wait-long.js'), how], {
      stop: 'SIGKILL',
    });
    await waiting.logged('waits');
    // One that comes before the wait has begun is not seen in it
    await waitFor('it ends', () => {
      signal(waiting.pid, 'SIGTERM');
      return waiting.ended;
    });
    assert.equal(await waiting.status(), 7);
  });
}
