/** Plays one scene, as a process of the namespaces that `namespace.ts` makes for it. */
import { recipes } from './recipes.js';
import { Stage } from './stage.js';

const [name = ''] = process.argv.slice(2);
const recipe = recipes[name];
if (recipe === undefined) throw new Error(`there is no recipe ${name}`);
const stage = new Stage(recipe.columns ?? 72);
await recipe.play(stage);
process.stdout.write(JSON.stringify(await stage.shown()));
// What was staged ends with the first process of the namespace
process.exit(0);
