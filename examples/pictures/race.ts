import type { Scene } from '../scene.js';

export const race: Scene = {
  needs: [],
  columns: 84,
  async play(stage) {
    await stage.type('peerpid race', { user: 'alice', unless: /They started within the same 1\/100 s/ });
  },
};
