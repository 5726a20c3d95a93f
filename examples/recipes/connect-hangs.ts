import type { Scene } from '../scene.js';
import type { Stage } from '../stage.js';

/** A service that takes nobody in, and as many clients as its backlog has places for. */
async function full(stage: Stage, name: string, pid: number): Promise<void> {
  const path = `/run/${name}.sock`;
  const service = await stage.actor(`${name}d`, { pid, user: 'root' });
  await service.do('listen', path, '1');
  await service.do('owned', path, '0', '666');
  if (name === 'thumb') {
    await service.do('use-up-descriptors', '64');
    await service.fails('accept');
  }
  for (const more of [3, 5]) {
    const client = await stage.actor('web', { pid: pid + more, user: 'www-data' });
    await client.do('connect', path);
  }
}

export const connectHangs: Scene = {
  needs: [],
  async play(stage) {
    await full(stage, 'pdf', 751);
    const impatient = await stage.actor('cartd', { pid: 758, user: 'shop' });
    await impatient.fails('try-to-connect', '/run/pdf.sock');
    await stage.type('tail -n 1 /tmp/cartd.log');
    await stage.type('peerpid inspect /run/pdf.sock', { keep: [/^pdfd/, /^\/run/, /^warning/, /^holders/] });
    await full(stage, 'thumb', 761);
    await stage.type('tail -n 1 /tmp/thumbd.log');
    await stage.type('peerpid inspect /run/thumb.sock', { keep: [/^thumbd/, /^\/run/, /^warning/, /^holders/] });
  },
};
