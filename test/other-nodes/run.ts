/**
 * The tests with other versions of Node than this one, as the registry of npm has them:
 *
 *     npm run test:nodes [-- VERSION…]
 *
 * VERSION is a version or the beginning of one (`22`): the newest of these. The build is the one that this Node made,
 * as in the package.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { TemporaryDirectory } from '../helpers/machine/temporary.js';

/** The oldest that package.json allows, and the newest of each that is or will be maintained for long. */
const usual = ['20.19.0', '22', '24', '26'];

const root = fileURLToPath(new URL('../../..', import.meta.url));
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');

/** @returns the program's path; undefined when npm could not get it, and has said why */
function fetchNode(version: string, cache: string): string | undefined {
  const directory = join(cache, version);
  const name = `node-linux-${process.arch}`;
  mkdirSync(directory, { recursive: true });
  // No script: the package has the program in it
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['install', '--prefix', directory, ...flags, `${name}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0 ? join(directory, 'node_modules', name, 'bin/node') : undefined;
}

/** @returns how it ended, in a line that begins with which Node it was */
function testWith(fetched: string): { readonly passed: boolean; readonly line: string } {
  // The tests run it as other users too, who may not look into a home directory
  using directory = new TemporaryDirectory();
  const node = directory.file('node');
  copyFileSync(fetched, node);
  chmodSync(node, 0o755);
  const { stdout: version } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  process.stdout.write(`\nNode ${version}`);
  // The tests start `node` too
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}` };
  const { status, stdout } = spawnSync(node, [mocha], {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: Infinity,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // What failed, whole, is before the last lines; those that passed say nothing
  if (status !== 0) process.stdout.write(stdout.slice(Math.max(0, stdout.search(/^ {2}\d+ passing/m))));
  return { passed: status === 0, line: `Node ${version.trim()}: ${stdout.trimEnd().split('\n').at(-1) ?? ''}` };
}

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'peerpid-nodes');
const wanted = process.argv.length > 2 ? process.argv.slice(2) : usual;
const outcomes = wanted.map((version) => {
  const node = fetchNode(version, cache);
  return node === undefined ? { passed: false, line: `Node ${version} cannot be had` } : testWith(node);
});
process.stdout.write(`\n${outcomes.map(({ line }) => line).join('\n')}\n`);
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
