import { existsSync } from 'node:fs';

import type { Scene } from '../scene.js';
import { until } from '../until.js';

export const devLog: Scene = {
  needs: ['logger'],
  async play(stage) {
    const rsyslogd = await stage.actor('rsyslogd', { pid: 741 });
    await rsyslogd.do('receive', '/dev/log');
    await rsyslogd.do('owned', '/dev/log', 'root', '666');
    const backup = await stage.actor('backup', { pid: 745, user: 'shop' });
    await backup.do('connect', '/dev/log', 'dgram');
    await stage.type('peerpid scan /dev/log');
    await stage.type('mv /dev/log /dev/log.kept');
    const listening = stage.begin('peerpid listen --type dgram --mode 666 --count 1 /dev/log');
    await until('it listens', () => existsSync('/dev/log'));
    await stage.type('logger --tag backup "disk sda is failing"', { user: 'shop' });
    await listening;
    await stage.type('mv /dev/log.kept /dev/log');
  },
};
