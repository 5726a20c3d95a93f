import type { Scene } from '../scene.js';
import { Traced } from '../traced.js';

export const keepsFailing: Scene = {
  needs: [],
  async play(stage) {
    const cached = await stage.actor('cached', { pid: 821 });
    await cached.do('listen', '/run/cache.sock');
    await cached.do('owned', '/run/cache.sock', 'root', '666');
    await cached.end();
    const maild = await stage.actor('maild', { pid: 825 });
    await maild.do('listen', '/run/mail.sock');
    await maild.do('owned', '/run/mail.sock', 'root', '660');
    const cartd = await stage.actor('cartd', { pid: 829, user: 'shop' });
    const tracing = await Traced.begin(stage, 'peerpid trace --failed --user shop');
    await cartd.fails('connect', '/run/postgresql/.s.PGSQL.5432');
    await cartd.fails('connect', '/run/cache.sock');
    await cartd.fails('connect', '/run/mail.sock');
    await tracing.interrupt();
  },
};
