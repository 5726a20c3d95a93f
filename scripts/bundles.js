// The bundles of the command line: a few files in place of hundreds, which is most of the start-up time.
import { readdir, readFile } from 'node:fs/promises';
import Module from 'node:module';
import { basename, join } from 'node:path';

import { build } from 'esbuild';

import { lateBuiltins, latePackages } from './late-modules.js';

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

/** It is loaded when the first module that calls the C library is. */
const beside = { external: ['koffi'], alias: { koffi: './native-probe/koffi-beside.ts' } };
/** In a single executable there is no beside. */
const within = { external: [], alias: { koffi: './native-probe/koffi-within.ts' } };

/** Programs of their own: what is to be under way before all that is loaded, a thread, and the first process of a namespace. */
const programs = {
  'main.cjs': 'src/cli/main.ts',
  'survey-worker.cjs': 'src/scanning/survey/survey-worker.ts',
  'race-stage.cjs': 'src/racing/stage.ts',
};

/** As src/cli/load-bundle.ts takes what it loads: to put this around so much text at each start takes time. */
const wrapped = { banner: { js: Module.wrapper[0] }, footer: { js: Module.wrapper[1] } };

/** The command line, as src/cli/which-bundle.ts chooses it: by the commands that may be run. What is in none of them is read by nobody. */
export const commandLines = { 'inspect.cjs': ['inspect'], 'help.cjs': [], 'command-line.cjs': undefined };

/**
 * Writes them into a directory.
 *
 * @param isStandalone - whether they are for a single executable, whose main.cjs is another
 * @returns what esbuild tells of what is in the last, which has all
 */
export async function writeBundles(directory, isStandalone) {
  const { external, alias } = isStandalone ? within : beside;
  // One file, in which what is imported later is run later: each module of its own takes Node more than a millisecond
  const plugins = [lateBuiltins, latePackages];
  let metafile;
  for (const [file, names] of Object.entries(commandLines)) {
    const contents = await commandLine(names ?? (await allCommands()));
    ({ metafile } = await build({
      ...common,
      stdin: { contents, resolveDir: '.' },
      outfile: join(directory, file),
      external: [...external, ...neverLoaded],
      alias: { ...alias, ...neverCalled },
      plugins,
      ...wrapped,
    }));
  }
  const entries = isStandalone ? { ...programs, 'main.cjs': 'src/cli/standalone.ts' } : programs;
  for (const [file, source] of Object.entries(entries)) {
    await build({
      ...common,
      // Where there are no files, Node cannot run it by itself
      ...(isStandalone && file === 'race-stage.cjs' && wrapped),
      entryPoints: [source],
      outfile: join(directory, file),
      external,
      alias,
      plugins,
    });
  }
  return metafile;
}

/** oclif loads a command for its help only where that depends on more than its manifest. */
const dynamic = Object.values(JSON.parse(await readFile('oclif.manifest.json', 'utf8')).commands).filter(
  ({ hasDynamicHelp }) => hasDynamicHelp,
);
if (dynamic.length > 0) throw new Error('help.cjs has no commands to load');

async function allCommands() {
  return (await readdir('src/commands')).map((file) => basename(file, '.ts'));
}

/** With all that oclif would read from files. */
async function commandLine(names) {
  const { name, version, oclif } = JSON.parse(await readFile('package.json', 'utf8'));
  const loaders = names.map((id) => `'${id}': () => require('./src/commands/${id}.ts').default`);
  return `import { commandLineOf } from './src/cli/command-line.ts';
    import manifest from './oclif.manifest.json';
    const pjson = ${JSON.stringify({ name, version, oclif })};
    const commands = { ${loaders.join(', ')} };
    export const commandLine = commandLineOf({ pjson, manifest, commands });`;
}
