// Bundles the command line into dist/cli: a few files in place of hundreds, which is most of the start-up time.
// koffi stays outside, since it finds its native part beside itself.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { build } from 'esbuild';

const banner = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
import { dirname as __dirnameOf } from 'node:path';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __dirnameOf(__filename);`;

// oclif looks for these to run TypeScript, which bin/run.js never does
const neverLoaded = ['typescript', 'ts-node', 'tsx'];

// oclif loads these at once, and calls none where oclif.manifest.json has the commands and package.json the settings
const never = './scripts/never-called.cjs';
const neverCalled = {
  tinyglobby: never,
  minimatch: never,
  lilconfig: never,
  'cli-spinners': './scripts/one-spinner.cjs',
};

/** koffi stays outside, and is loaded when the first module that calls the C library is: `--help` needs none of it. */
const lazyKoffi = {
  name: 'lazy-koffi',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^koffi$/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'koffi' },
    );
    onLoad({ filter: /.*/, namespace: 'koffi' }, () => ({ contents: `module.exports = require('koffi');` }));
  },
};

const commands = (await readdir('src/commands')).map((file) => basename(file, '.ts'));

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  logLevel: 'warning',
};

// One file, in which what is imported later is run later: each module of its own takes Node more than a millisecond
const loaders = commands.map((name) => `'${name}': () => import('./src/commands/${name}.ts')`);
const { metafile } = await build({
  ...common,
  stdin: {
    contents: `export * from './src/cli/command-line.ts'; export const commands = { ${loaders.join(', ')} };`,
    resolveDir: '.',
  },
  outfile: 'dist/cli/command-line.js',
  format: 'esm',
  external: neverLoaded,
  alias: neverCalled,
  banner: { js: banner },
  plugins: [lazyKoffi],
});

// What is to be under way before all that is loaded
await build({
  ...common,
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist/cli/main.js',
  format: 'esm',
  external: ['./command-line.js'],
});
// Programs of their own: a thread, and the first process of a namespace
for (const [source, outfile] of [
  ['src/scanning/survey/survey-worker.ts', 'dist/cli/survey-worker.cjs'],
  ['src/racing/stage.ts', 'dist/cli/race-stage.cjs'],
]) {
  await build({ ...common, entryPoints: [source], outfile, format: 'cjs', external: ['koffi'] });
}

// Where oclif looks for them
await mkdir('dist/cli/commands', { recursive: true });
for (const name of commands) {
  const stub = `import { commands } from '../command-line.js';\nexport default (await commands['${name}']()).default;\n`;
  await writeFile(`dist/cli/commands/${name}.js`, stub);
}

// Others' code goes out with their licences
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
);
const licences = await Promise.all(
  [...packages].sort().map(async (path) => {
    const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    const text = await licenceText(path);
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  }),
);
await writeFile('dist/cli/LICENSES.txt', licences.join(`\n${'-'.repeat(72)}\n\n`));

async function licenceText(path) {
  const name = (await readdir(path)).find((file) => /^licen[cs]e/i.test(file));
  if (name === undefined) throw new Error(`${path} carries no licence text`);
  return readFile(join(path, name), 'utf8');
}
