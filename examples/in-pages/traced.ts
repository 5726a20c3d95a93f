import { startDockerd } from '../recipes/docker-socket.js';
import type { Scene } from '../scene.js';
import { Traced } from '../traced.js';
import { until } from '../until.js';

export const traced: Scene = {
  needs: [],
  async play(stage) {
    const dockerd = await startDockerd(stage, 861);
    const runner = await stage.actor('ci-runner', { pid: 865, user: 'bob' });
    const command = 'peerpid trace --accepted --ended --user bob /run/docker.sock';
    const tracing = await Traced.begin(stage, command);
    await runner.do('connect', '/run/docker.sock');
    await dockerd.do('accept');
    await until('both are shown', () => stage.printed.includes('accepted'));
    await runner.end();
    await tracing.interrupt();
  },
};
