import { existsSync } from 'node:fs';

import type { Scene } from '../scene.js';
import { until } from '../until.js';

export const stated: Scene = {
  needs: ['sleep'],
  async play(stage) {
    await stage.program(['sleep', '600'], () => true, { pid: 370 });
    const backup = await stage.actor('backup', { pid: 372 });
    const path = '/run/app.sock';
    const listening = stage.begin(`peerpid listen --type dgram --count 3 --mode 666 ${path}`);
    await until('it listens', () => existsSync(path));
    await backup.do('connect', path, 'dgram');
    await backup.do('send', 'started');
    await stage.type(`peerpid send --as-pid 370 --as-uid 33 --as-gid 33 \\\n    ${path} 'let me in'`);
    await stage.type(`peerpid send --as-pid 370 ${path} 'me too'`);
    await listening;
  },
};
