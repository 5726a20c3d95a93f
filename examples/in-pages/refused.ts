import { startDockerd } from '../recipes/docker-socket.js';
import type { Scene } from '../scene.js';
import { Traced } from '../traced.js';

export const refused: Scene = {
  needs: [],
  // A line each
  columns: 120,
  async play(stage) {
    await startDockerd(stage, 871);
    const web = await stage.actor('web', { pid: 875, user: 'www-data' });
    const tracing = await Traced.begin(stage, 'peerpid trace --failed --user www-data', {
      keep: [/^TIME/, / web \d/],
    });
    await web.fails('connect', '/run/docker.sock');
    await web.fails('connect', '/run/app.sock');
    await tracing.interrupt();
  },
};
