/** Plays one scene, as a process of the namespaces that `namespace.ts` makes for it. */
import { pictures } from './pictures.js';
import { scenes } from './scenes.js';
import { Stage } from './stage.js';

const [name = ''] = process.argv.slice(2);
const scene = scenes[name] ?? pictures[name];
if (scene === undefined) throw new Error(`there is no scene ${name}`);
const stage = new Stage(scene.columns ?? 72);
await scene.play(stage);
process.stdout.write(JSON.stringify(await stage.shown()));
// What was staged ends with the first process of the namespace
process.exit(0);
