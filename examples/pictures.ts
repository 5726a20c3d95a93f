import type { Scene } from './scene.js';
import { desktop } from './pictures/desktop.js';
import { race } from './pictures/race.js';

/** By the names of their files in docs/. */
export const pictures: Readonly<Record<string, Scene>> = { race, scan: desktop };
