import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What a fresh clone does not have. */
const made = new Set(['node_modules', 'dist', '.git', 'coverage', 'oclif.manifest.json']);

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
