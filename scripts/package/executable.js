// Makes the single executable: Node, and within it what bin/run.cjs has in files.
// https://nodejs.org/api/single-executable-applications.html
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { build } from 'esbuild';

import { commandLines, writeBundles } from '../bundles.js';
import { run } from '../run.js';
import { withSocket } from '../warm-runs.js';
import { fromRegistry } from './from-registry.js';

/** How a program of another architecture is run here, in which Debian's packages (`libc6-arm64-cross` and so on) have the libraries. */
const emulators = { arm64: ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'] };

/** The Node that is put into executables. @returns the directory of its package */
export async function nodeFor(arch) {
  const { version, integrity } = JSON.parse(await readFile('scripts/package/node.json', 'utf8'));
  return fromRegistry(`node-linux-${arch}`, version, integrity[arch]);
}

/**
 * Makes one.
 *
 * @param arch - `x64` or `arm64`
 * @param output - its path
 */
export async function makeExecutable(arch, output) {
  const directory = await mkdtemp(join(tmpdir(), 'peerpid-package-'));
  try {
    const builder = join(await nodeFor(process.arch), 'bin/node');
    const node = join(directory, 'node');
    await copyFile(join(await nodeFor(arch), 'bin/node'), node);
    // A quarter of it: names of functions, for debuggers
    run('llvm-strip', [node]);
    const cli = join(directory, 'cli');
    await writeBundles(cli, true);
    const assets = await assetsOf(arch, cli);
    const make = (main, path, more) =>
      makeWith({ builder, node, directory, main, path, assets: { ...assets, ...more } });

    const maker = join(directory, 'cache-maker.cjs');
    await build({
      entryPoints: ['scripts/package/cache-maker.js'],
      bundle: true,
      format: 'cjs',
      platform: 'node',
      outfile: maker,
    });
    const cacheMaker = join(directory, 'cache-maker');
    await make(maker, cacheMaker, {});
    const caches = {};
    await withSocket(join(directory, 'socket'), async (socket) => {
      for (const bundle of Object.keys(commandLines)) {
        const cache = join(directory, `${bundle}.cache`);
        await start(arch, [cacheMaker, bundle, socket, cache]);
        caches[`dist/cli/${bundle}.cache`] = cache;
      }
    });

    await make(join(cli, 'main.cjs'), output, caches);
    // V8 would take no other Node's, nor one that was made with other options, and says nothing
    for (const bundle of Object.keys(commandLines)) {
      const taken = await start(arch, [output, '__code-cache', bundle]);
      if (taken.trim() !== 'taken') throw new Error(`V8 does not take the code cache of ${bundle}: ${taken}`);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What is within, by its path in the package. */
async function assetsOf(arch, cli) {
  const objects = (await readdir('native-probe/bpf')).filter((file) => file.endsWith(`.${arch}.o`));
  return {
    'koffi.node': await koffiFor(arch),
    ...Object.fromEntries(objects.map((file) => [`native-probe/bpf/${file}`, `native-probe/bpf/${file}`])),
    ...Object.fromEntries(
      [...Object.keys(commandLines), 'survey-worker.cjs', 'race-stage.cjs'].map((file) => [
        `dist/cli/${file}`,
        join(cli, file),
      ]),
    ),
  };
}

/** Its native part. */
async function koffiFor(arch) {
  const name = `@koromix/koffi-linux-${arch}`;
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const { version, integrity } = packages[`node_modules/${name}`];
  return join(await fromRegistry(name, version, integrity), `linux_${arch}/koffi.node`);
}

async function makeWith({ builder, node, directory, main, path, assets }) {
  const config = join(directory, 'sea.json');
  const content = {
    main,
    output: path,
    executable: node,
    disableExperimentalSEAWarning: true,
    // Of node:ffi, which makes a file in memory
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // What is run by root takes no options from the environment
    execArgvExtension: 'none',
    assets,
  };
  await writeFile(config, JSON.stringify(content));
  run(builder, ['--build-sea', config]);
}

/** Runs a program of an architecture, and gives what it printed. */
async function start(arch, args) {
  const [program, ...rest] = arch === process.arch ? args : [...emulators[arch], ...args];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, complained, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}\n${complained}`);
  return said;
}
