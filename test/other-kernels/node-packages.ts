import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The directories of npm packages and of all that they depend on, as far as npm installed it: relative to the root. */
export function packagesFor(root: string, names: readonly string[]): string[] {
  const found = new Set<string>();
  const add = (name: string): void => {
    const directory = `node_modules/${name}`;
    const manifest = join(root, directory, 'package.json');
    // What is optional is for other platforms, and what is in a package's own node_modules comes with it
    if (found.has(directory) || !existsSync(manifest)) return;
    found.add(directory);
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
    Object.keys({ ...dependencies, ...optionalDependencies }).forEach(add);
  };
  names.forEach(add);
  return [...found];
}
