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

/**
 * oclif loads at once all that it may ever need: help, plugins, spinners. Here each of its modules is loaded when it
 * is first used: TypeScript's `const x_1 = require("x")` becomes a getter, and `x_1` becomes `lazy.x_1`.
 */
const lazyOclif = {
  name: 'lazy-oclif',
  setup({ onLoad }) {
    onLoad({ filter: /@oclif\/core\/lib\/.*\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8');
      const getters = [];
      const requires = /^(?:const|var) (\w+_\d+) = ((?:__importDefault\()?require\("[^"]+"\)\)?);$/gm;
      for (const [statement, name, value] of contents.matchAll(requires)) {
        contents = contents.replace(statement, '').replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `lazy.${name}`);
        getters.push(`get ${name}() { return ${value}; }`);
      }
      // Collation by locale takes 6 ms to load, and ids and flags are ASCII
      contents = contents.replaceAll(/([\w.]+)\.localeCompare\(([\w.]+)\)/g, '($1 < $2 ? -1 : $1 > $2 ? 1 : 0)');
      return { contents: `const lazy = { ${getters.join(', ')} };\n${contents}`, loader: 'js' };
    });
  },
};

/**
 * What string-width and wrap-ansi make for text that is not ASCII, regular expressions and an Intl.Segmenter, takes
 * 30 ms: so they are loaded when they are first called.
 */
const lazyWidth = {
  name: 'lazy-width',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(string-width|wrap-ansi)$/ }, ({ path, importer, resolveDir }) =>
      /\/src\/[^]+\.ts$/.test(importer) ? { path, namespace: 'lazy', pluginData: resolveDir } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path, pluginData: resolveDir }) => ({
      contents: `let real; export default (...args) => (real ??= require('${path}').default)(...args);`,
      resolveDir,
    }));
  },
};

// oclif looks for these to run TypeScript, which bin/run.js never does
const neverLoaded = ['typescript', 'ts-node', 'tsx'];

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

/**
 * Node's own modules by require(): an import asks each getter of a module for its value, and those of node:crypto load
 * all of WebCrypto.
 */
const requiredBuiltins = {
  name: 'required-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'builtin' } : { path, external: true },
    );
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require('${path}');`,
    }));
  },
};

await rm('dist/cli', { recursive: true, force: true });
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
  banner: { js: banner },
  plugins: [lazyOclif, lazyWidth, lazyKoffi, requiredBuiltins],
  // oclif would compare Node's version with its own package.json, which is not there any more
  define: { 'process.env.OCLIF_DISABLE_ENGINE_WARNING': '"1"' },
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
await mkdir('dist/cli/commands');
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
