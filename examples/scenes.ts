import { doctor } from './in-pages/doctor.js';
import { raceForged } from './in-pages/race-forged.js';
import { raceOften } from './in-pages/race-often.js';
import { recycled } from './in-pages/recycled.js';
import { refused } from './in-pages/refused.js';
import { stated } from './in-pages/stated.js';
import { traced } from './in-pages/traced.js';
import { unseen } from './in-pages/unseen.js';
import { recipes } from './recipes.js';
import type { Scene } from './scene.js';

/** All that man pages show, by the names in their sources. */
export const scenes: Readonly<Record<string, Scene>> = {
  ...recipes,
  doctor,
  'race-forged': raceForged,
  'race-often': raceOften,
  recycled,
  refused,
  stated,
  traced,
  unseen,
};
