import type { Scene } from '../scene.js';

export const unseen: Scene = {
  needs: [],
  async play(stage) {
    const appd = await stage.actor('appd', { pid: 816 });
    await appd.do('listen', '/run/app.sock');
    await appd.do('owned', '/run/app.sock', 'www-data', '660');
    await appd.do('ask-for-senders');
    const keep = [/^\/run/, /^PINNED/, /^info/, /^asks/, /^holders/];
    await stage.type('peerpid inspect /run/app.sock', { keep });
    const logd = await stage.actor('logd', { pid: 820 });
    await logd.do('receive', '/run/log.sock');
    await logd.do('owned', '/run/log.sock', 'root', '666');
    await stage.type('peerpid inspect /run/log.sock');
  },
};
