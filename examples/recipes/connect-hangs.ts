import type { Actor } from '../actor.js';
import type { Scene } from '../scene.js';
import type { Stage } from '../stage.js';

/** A service that takes nobody in, and as many clients as its backlog has places for. */
async function full(stage: Stage, name: string, pid: number): Promise<Actor> {
  const path = `/run/${name}.sock`;
  const service = await stage.actor(`${name}d`, { pid });
  await service.do('listen', path, '1');
  await service.do('owned', path, 'root', '666');
  for (const more of [3, 5]) {
    const client = await stage.actor('web', { pid: pid + more, user: 'www-data' });
    await client.do('connect', path);
  }
  return service;
}

export const connectHangs: Scene = {
  needs: [],
  async play(stage) {
    await full(stage, 'pdf', 751);
    const impatient = await stage.actor('cartd', { pid: 758, user: 'shop' });
    await impatient.fails('try-to-connect', '/run/pdf.sock');
    await stage.type('tail -n 1 /tmp/cartd.log');
    await stage.type('peerpid inspect /run/pdf.sock', { keep: [/^pdfd/, /^\/run/, /^warning/, /^holders/] });
    const thumbd = await full(stage, 'thumb', 761);
    await thumbd.do('use-up-descriptors', '64');
    await thumbd.fails('accept');
    await stage.type('tail -n 1 /tmp/thumbd.log');
    await stage.type('peerpid inspect /run/thumb.sock', { keep: [/^thumbd/, /^\/run/, /^warning/, /^holders/] });
  },
};
