import type { Scene } from '../scene.js';
import type { Stage } from '../stage.js';
import { Traced } from '../traced.js';

const path = '/run/app.sock';

async function comeAndGo(stage: Stage, pid: number): Promise<void> {
  const probe = await stage.actor('probe', { pid, user: 'www-data' });
  await probe.do('connect', path);
  await probe.end();
}

export const goneClient: Scene = {
  needs: [],
  async play(stage) {
    const appd = await stage.actor('appd', { pid: 831 });
    await appd.do('listen', path);
    await appd.do('owned', path, 'root', '666');
    await comeAndGo(stage, 835);
    await appd.do('accept');
    await appd.fails('names-of-client');
    await stage.type('tail -n 1 /tmp/appd.log');
    const tracing = await Traced.begin(stage, `peerpid trace --ended --user www-data ${path}`);
    await tracing.heldUp(() => comeAndGo(stage, 839));
    await tracing.interrupt();
  },
};
