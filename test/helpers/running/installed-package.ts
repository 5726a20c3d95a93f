import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { importsOf } from '../machine/imports.js';

export const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** What a fresh clone does not have. */
const made = new Set(['node_modules', 'build', 'dist', '.git', 'coverage', 'release', 'oclif.manifest.json']);

/** The environment without what an npm around us says of its own package. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(?:package|lifecycle|command|config_local_prefix)/.test(name)),
);

function npm(cwd: string, ...args: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync('npm', [...args, '--no-update-notifier'], {
    cwd,
    env: environment,
    encoding: 'utf8',
  });
  return { status, stderr };
}

/** Packs the sources as they are, with nothing built. @returns the tarball */
export function pack(directory: string): string {
  const clone = join(directory, 'clone');
  cpSync(root, clone, { recursive: true, filter: (path) => path === root || !made.has(basename(path)) });
  symlinkSync(realpathSync(join(root, 'node_modules')), join(clone, 'node_modules'));
  const { status, stderr } = npm(clone, 'pack', '--silent', '--pack-destination', directory);
  const tarball = readdirSync(directory).find((name) => name.endsWith('.tgz'));
  if (status !== 0 || tarball === undefined) throw new Error(`npm pack: ${stderr}`);
  return join(directory, tarball);
}

/** The files of a tarball of npm's. */
export function filesIn(tarball: string): string[] {
  const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' });
  return list
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
}

/** @returns where its files are */
export function unpack(tarball: string, directory: string): string {
  execFileSync('tar', ['-xzf', tarball, '-C', directory]);
  return join(directory, 'package');
}

/** The modules of the library, and their types: what its first is made of, as far as it is the package's own. */
export function libraryIn(unpacked: string): string[] {
  const found = new Set<string>();
  const add = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    for (const imported of importsOf(join(unpacked, file))) {
      if (!imported.startsWith('.')) continue;
      const module = join(dirname(file), imported);
      add(module);
      add(module.replace(/\.js$/, '.d.ts'));
    }
  };
  add('dist/src/index.js');
  add('dist/src/index.d.ts');
  return [...found];
}

/**
 * Installs a tarball into an empty project.
 *
 * @returns the project; undefined where the registry, which koffi comes from, is out of reach
 */
export function install(tarball: string, directory: string): string | undefined {
  const project = join(directory, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"private": true, "type": "module"}\n');
  const { status, stderr } = npm(project, 'install', '--ignore-scripts', '--no-audit', '--no-fund', tarball);
  if (status === 0) return project;
  if (/E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|TIMEDOUT|NETUNREACH)/.test(stderr)) return undefined;
  throw new Error(`npm install: ${stderr}`);
}
