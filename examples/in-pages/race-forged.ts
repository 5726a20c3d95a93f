import type { Scene } from '../scene.js';

export const raceForged: Scene = {
  needs: [],
  async play(stage) {
    await stage.type('peerpid race --forge', { says: /CONTRADICTED/ });
  },
};
