import type { Scene } from '../scene.js';

export const addressInUse: Scene = {
  needs: [],
  async play(stage) {
    const path = '/run/app.sock';
    const killed = await stage.actor('appd', { pid: 801 });
    await killed.do('listen', path);
    await killed.end();
    const again = await stage.actor('appd', { pid: 805 });
    await again.fails('listen', path);
    await stage.type('tail -n 1 /tmp/appd.log');
    await stage.type(`peerpid inspect ${path}`);
    await again.do('remove', path);
    await again.do('listen', path);
    const twice = await stage.actor('appd', { pid: 809 });
    await twice.fails('listen', path);
    await stage.type(`peerpid inspect ${path}`, { keep: [/^appd/, /^\/run/, /^holders/] });
  },
};
