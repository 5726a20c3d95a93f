import type { Scene } from '../scene.js';

/** A service has left its socket to a worker and ended, and its PID is another process's by now. */
export const recycled: Scene = {
  needs: ['sleep'],
  columns: 100,
  async play(stage) {
    const appd = await stage.actor('appd', { pid: 1242 });
    await appd.do('listen', '/run/app.sock');
    await appd.leave();
    await stage.program(['sleep', '600'], () => true, { pid: 1242, user: 'alice' });
    const rows = [/by PID/, /^pid /, /^pidfd id/, /^state /, /^started /, /^command {2}/];
    const keep = [/^The process/, /^\/run/, ...rows, /^RECYCLED/, /^holders/];
    await stage.type('peerpid inspect /run/app.sock', { keep });
  },
};
