// Bundles the command line into dist/cli: a few files in place of hundreds, which is most of the start-up time.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { build } from 'esbuild';

// oclif looks for these to run TypeScript, which bin/run.cjs never does
const neverLoaded = ['typescript', 'ts-node', 'tsx'];

// oclif loads these at once, and calls none where oclif.manifest.json has the commands and package.json the settings
const never = './scripts/never-called.cjs';
const neverCalled = {
  tinyglobby: never,
  minimatch: never,
  lilconfig: never,
  'cli-spinners': './scripts/one-spinner.cjs',
  debug: './scripts/no-debug.cjs',
  'wsl-utils': './scripts/no-wsl.cjs',
  'node:fs/promises': './scripts/read-at-once.cjs',
};

/** Of Node's own modules those that a command may never use, or only at its end: milliseconds at each start. */
const late = ['child_process', 'crypto', 'dgram', 'module', 'net', 'perf_hooks', 'readline', 'stream'].concat([
  'timers/promises',
  'tty',
  'url',
  'v8',
  'worker_threads',
  'zlib',
]);

/** Has them loaded when something of them is first used: an object of getters stands for each. */
const lateBuiltins = {
  name: 'late-builtins',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(node:)?(${late.join('|')})$`);
    onResolve({ filter }, ({ path, namespace }) =>
      namespace === 'late'
        ? { path, external: true }
        : { path: path.replace(/^(?!node:)/, 'node:'), namespace: 'late' },
    );
    onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => {
      const getters = Object.keys(process.getBuiltinModule(path)).map(
        (key) => `get ${JSON.stringify(key)}() { return require('${path}')[${JSON.stringify(key)}]; }`,
      );
      return { contents: `module.exports = { ${getters.join(', ')} };` };
    });
  },
};

const commands = (await readdir('src/commands')).map((file) => basename(file, '.ts'));

const common = {
  bundle: true,
  // By require(): an import of one of Node's own modules asks each of its getters, which load much that nobody wants
  format: 'cjs',
  // koffi finds its native part beside itself. It is loaded when the first module that calls the C library is
  external: ['koffi'],
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  logLevel: 'warning',
};

// One file, in which what is imported later is run later: each module of its own takes Node more than a millisecond
const loaders = commands.map((name) => `'${name}': () => require('./src/commands/${name}.ts').default`);
const { metafile } = await build({
  ...common,
  stdin: {
    contents: `export * from './src/cli/command-line.ts'; export const commands = { ${loaders.join(', ')} };`,
    resolveDir: '.',
  },
  outfile: 'dist/cli/command-line.cjs',
  external: [...common.external, ...neverLoaded],
  alias: neverCalled,
  plugins: [lateBuiltins],
});

// Programs of their own: what is to be under way before all that is loaded, a thread, and the first process of a namespace
for (const [source, outfile] of [
  ['src/cli/main.ts', 'dist/cli/main.cjs'],
  ['src/scanning/survey/survey-worker.ts', 'dist/cli/survey-worker.cjs'],
  ['src/racing/stage.ts', 'dist/cli/race-stage.cjs'],
]) {
  await build({ ...common, entryPoints: [source], outfile, plugins: [lateBuiltins] });
}

// Where oclif looks for them
await mkdir('dist/cli/commands', { recursive: true });
for (const name of commands) {
  const stub = `const { commands } = require('../command-line.cjs');\nmodule.exports = commands['${name}']();\n`;
  await writeFile(`dist/cli/commands/${name}.cjs`, stub);
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
