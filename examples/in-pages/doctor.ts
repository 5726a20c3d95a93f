import type { Scene } from '../scene.js';

/** Which rows there are differs from machine to machine. */
export const doctor: Scene = {
  needs: [],
  async play(stage) {
    const keep = [/so-peercred/, /so-peerpidfd/, /reaped-peer/, /unix-diag/, /siocunixfile/, /systemd /, /^All/];
    await stage.type('peerpid doctor', { user: 'alice', keep, says: /so-peerpidfd/ });
  },
};
