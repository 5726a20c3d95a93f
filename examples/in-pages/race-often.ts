import type { Scene } from '../scene.js';

export const raceOften: Scene = {
  needs: [],
  async play(stage) {
    const often = /verdict of peerpid +0 of 100 +0 of 100/;
    await stage.type('peerpid race --rounds 100', { user: 'alice', says: often });
  },
};
