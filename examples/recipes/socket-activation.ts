import { existsSync, readdirSync, readFileSync } from 'node:fs';

import type { Recipe } from '../recipe.js';
import { until } from '../stage.js';

export const socketActivation: Recipe = {
  needs: ['systemd-socket-activate'],
  async play(stage) {
    await stage.actor('appd', { pid: 730 }).then((appd) => appd.end());
    const path = '/run/app.sock';
    const command = ['systemd-socket-activate', '--accept', '-l', path, '/mnt/bin/appd'];
    await stage.program(command, () => existsSync(path), { pid: 731 });
    const client = await stage.actor('web', { pid: 735 });
    await client.do('connect', path);
    await until('appd serves it', () => commandsOfProcesses().includes('appd'));
    await stage.type(`peerpid inspect --no-connect ${path}`, { keep: [/^systemd-socke/, /^\/run/, /^holders/] });
    await stage.type('peerpid inspect /proc/735/fd/4', { keep: [/^systemd-socke/, /^info/, /^holders/] });
    await stage.type(`peerpid scan ${path}`);
  },
};

function commandsOfProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/comm`))
    .map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
}
