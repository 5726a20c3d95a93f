import type { Scene } from '../scene.js';

export const twoServices: Scene = {
  needs: [],
  async play(stage) {
    const path = '/run/cache.sock';
    const first = await stage.actor('cached', { pid: 781, user: 'root' });
    await first.do('listen', path);
    const web = await stage.actor('web', { pid: 783, user: 'root' });
    await web.do('connect', path);
    await first.do('accept');
    const second = await stage.actor('cached', { pid: 785 });
    await second.do('remove', path);
    await second.do('listen', path);
    await stage.type(`peerpid scan ${path}`);
    await stage.type(`peerpid inspect ${path}`, { keep: [/^cached/, /^\/run/, /^holders/] });
  },
};
