import type { Scene } from '../scene.js';

export const containerPid0: Scene = {
  needs: [],
  async play(stage) {
    const within = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const authd = await stage.actor('authd', { pid: 770, within });
    await authd.do('listen', '/run/authd.sock');
    const login = await stage.actor('login', { pid: 775 });
    await login.do('connect', '/run/authd.sock');
    await authd.do('accept');
    await authd.fails('names-of-client');
    await stage.type('tail -n 1 /tmp/authd.log');
    await stage.type('peerpid scan /run/authd.sock');
    await stage.type('peerpid scan --long --connected /run/authd.sock');
  },
};
