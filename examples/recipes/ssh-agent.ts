import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import type { Scene } from '../scene.js';
import type { Stage } from '../stage.js';

const directory = '/run/user/1000';
const path = `${directory}/agent`;

/** As it runs for everybody, in the background: its first process, which has this PID, ends. */
export async function startAgent(stage: Stage, pid: number): Promise<void> {
  execFileSync('install', ['-d', '-o', 'alice', '-g', 'alice', directory]);
  await stage.program(['ssh-agent', '-a', path], () => existsSync(path), { pid, user: 'alice' });
}

export const sshAgent: Scene = {
  needs: ['ssh-agent'],
  async play(stage) {
    await startAgent(stage, 721);
    const deploy = await stage.actor('deploy', { pid: 725, user: 'alice' });
    await deploy.do('connect', path);
    const backup = await stage.actor('backup', { pid: 727 });
    await backup.do('connect', path);
    await stage.type(`peerpid scan ${path}`);
    await stage.type(`peerpid inspect ${path}`, {
      keep: [/^The process/, /^\/run/, /^EXITED/, /^info/, /^holders/],
    });
  },
};
