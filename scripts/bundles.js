// The bundles of the command line: a few files in place of hundreds, which is most of the start-up time.
import { readdir, readFile } from 'node:fs/promises';
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
};

/** Of Node's own modules those that a command may never use, or only at its end: milliseconds at each start. */
const late = [
  'child_process',
  'crypto',
  'dgram',
  'fs/promises',
  'module',
  'net',
  'perf_hooks',
  'readline',
  'sea',
  'stream',
].concat(['timers/promises', 'tty', 'url', 'v8', 'worker_threads', 'zlib']);

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

const common = {
  bundle: true,
  // By require(): an import of one of Node's own modules asks each of its getters, which load much that nobody wants
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  logLevel: 'warning',
};

/** koffi finds its native part beside itself. It is loaded when the first module that calls the C library is. */
const beside = { external: ['koffi'], alias: {} };
/** In a single executable there is no beside. */
const within = { external: [], alias: { koffi: './native-probe/koffi-within.ts' } };

/** Programs of their own: what is to be under way before all that is loaded, a thread, and the first process of a namespace. */
const programs = {
  'main.cjs': 'src/cli/main.ts',
  'survey-worker.cjs': 'src/scanning/survey/survey-worker.ts',
  'race-stage.cjs': 'src/racing/stage.ts',
};

/**
 * Writes them into a directory.
 *
 * @param isStandalone - whether they are for a single executable, whose main.cjs is another
 * @returns what esbuild tells of what is in command-line.cjs
 */
export async function writeBundles(directory, isStandalone) {
  const { external, alias } = isStandalone ? within : beside;
  // One file, in which what is imported later is run later: each module of its own takes Node more than a millisecond
  const { metafile } = await build({
    ...common,
    stdin: { contents: await commandLine(), resolveDir: '.' },
    outfile: join(directory, 'command-line.cjs'),
    external: [...external, ...neverLoaded],
    alias: { ...alias, ...neverCalled },
    plugins: [lateBuiltins],
  });
  const entries = isStandalone ? { ...programs, 'main.cjs': 'src/cli/standalone.ts' } : programs;
  for (const [file, source] of Object.entries(entries)) {
    await build({
      ...common,
      entryPoints: [source],
      outfile: join(directory, file),
      external,
      alias,
      plugins: [lateBuiltins],
    });
  }
  return metafile;
}

/** With all that oclif would read from files. */
async function commandLine() {
  const { name, version, oclif } = JSON.parse(await readFile('package.json', 'utf8'));
  const names = (await readdir('src/commands')).map((file) => basename(file, '.ts'));
  const loaders = names.map((id) => `'${id}': () => require('./src/commands/${id}.ts').default`);
  return `import { commandLineOf } from './src/cli/command-line.ts';
    import manifest from './oclif.manifest.json';
    const pjson = ${JSON.stringify({ name, version, oclif })};
    const commands = { ${loaders.join(', ')} };
    export const commandLine = commandLineOf({ pjson, manifest, commands });`;
}
