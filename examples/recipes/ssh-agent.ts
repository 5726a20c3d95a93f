import { chownSync, existsSync, mkdirSync } from 'node:fs';

import type { Recipe } from '../recipe.js';

export const sshAgent: Recipe = {
  needs: ['ssh-agent'],
  async play(stage) {
    const directory = '/run/user/1000';
    mkdirSync(directory, { recursive: true });
    chownSync(directory, 1000, 1000);
    const path = `${directory}/agent`;
    await stage.program(['ssh-agent', '-a', path], () => existsSync(path), { pid: 721, user: 'alice' });
    const deploy = await stage.actor('deploy', { pid: 725, user: 'alice' });
    await deploy.do('connect', path);
    const backup = await stage.actor('backup', { pid: 727 });
    await backup.do('connect', path);
    await stage.type(`peerpid scan ${path}`);
    await stage.type(`peerpid inspect --no-connect ${path}`, {
      keep: [/^The process/, /^\/run/, /^EXITED/, /^info/, /^holders/],
    });
  },
};
