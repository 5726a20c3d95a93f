import { existsSync } from 'node:fs';

import { commandLines } from '../command-lines.js';
import type { Scene } from '../scene.js';
import { until } from '../until.js';

export const socketActivation: Scene = {
  needs: ['systemd-socket-activate'],
  async play(stage) {
    await stage.actor('appd', { pid: 730 }).then((appd) => appd.end());
    const path = '/run/app.sock';
    const command = ['systemd-socket-activate', '--accept', '-l', path, '/mnt/bin/appd'];
    await stage.program(command, () => existsSync(path), { pid: 731 });
    const client = await stage.actor('web', { pid: 735 });
    await client.do('connect', path);
    await until('appd serves it', () =>
      commandLines().some((line) => line.endsWith('/mnt/bin/appd\0') && !line.includes('--accept')),
    );
    await stage.type(`peerpid inspect --no-connect ${path}`, { keep: [/^systemd-socke/, /^\/run/, /^holders/] });
    await stage.type('peerpid inspect /proc/735/fd/4', { keep: [/^systemd-socke/, /^info/, /^holders/] });
    await stage.type(`peerpid scan ${path}`);
  },
};
