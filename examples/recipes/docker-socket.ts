import type { Actor } from '../actor.js';
import type { Scene } from '../scene.js';
import type { Stage } from '../stage.js';

/** What listens where Docker's does, with the owner and mode of its socket. */
export async function startDockerd(stage: Stage, pid: number): Promise<Actor> {
  const dockerd = await stage.actor('dockerd', { pid });
  await dockerd.do('listen', '/run/docker.sock');
  await dockerd.do('owned', '/run/docker.sock', 'docker', '660');
  return dockerd;
}

export const dockerSocket: Scene = {
  needs: [],
  async play(stage) {
    await startDockerd(stage, 702);
    await stage.type('docker ps', { user: 'alice', says: /permission denied .*docker\.sock/, needs: 'docker' });
    await stage.type('peerpid inspect /run/docker.sock', { user: 'alice' });
    await stage.type('id', { user: 'alice' });
    await stage.type('peerpid inspect /run/docker.sock', { keep: [/^dockerd/, /^\/run/, /^holders/] });
  },
};
