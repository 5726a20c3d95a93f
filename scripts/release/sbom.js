// What others wrote that goes out with peerpid: what is installed with it, and what is in the bundle.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { folder, root, version } from './package.js';
import { outputOf } from './run.js';

export const sbomFile = join(folder, `peerpid-${version}.cdx.json`);

/** CycloneDX of npm, without what only builds and tests. @throws Error where a bundled package is not in it */
export function writeSbom() {
  // By the lock file: what is installed here is for one architecture
  const listed = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const all = JSON.parse(outputOf('npm', ...listed));
  const installed = JSON.parse(outputOf('npm', ...listed, '--omit', 'dev'));
  const bundled = bundledPackages();
  const wanted = new Set(
    installed.components.filter((component) => isForUs(nameOf(component))).map((component) => component['bom-ref']),
  );
  for (const name of bundled) {
    const found = all.components.filter((component) => nameOf(component) === name);
    if (found.length === 0) throw new Error(`${name} is in the bundle, and npm sbom does not know it`);
    for (const component of found) wanted.add(component['bom-ref']);
  }
  const isWanted = (ref) => wanted.has(ref) || ref === all.metadata.component['bom-ref'];
  const components = all.components.filter((component) => isWanted(component['bom-ref'])).map(asShipped);
  const dependencies = all.dependencies
    .filter(({ ref }) => isWanted(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn?.filter(isWanted) }));
  // npm has the name of the directory
  const metadata = { ...all.metadata, component: { ...all.metadata.component, name: 'peerpid' } };
  writeFileSync(sbomFile, `${JSON.stringify({ ...all, metadata, components, dependencies }, null, 2)}\n`);
  return `${components.length} packages, ${bundled.length} of them in the bundle`;
}

/** npm takes what is bundled for what only builds: it is no dependency of the package. */
function asShipped(component) {
  const properties = component.properties?.filter(({ name }) => name !== 'cdx:npm:package:development');
  return {
    ...component,
    scope: component.scope === 'optional' && isNative(component) ? 'optional' : 'required',
    properties,
  };
}

function isNative({ name }) {
  return name.startsWith('@koromix/koffi-');
}

/** `name@version` of each, as the build found them. */
function bundledPackages() {
  const licences = readFileSync(join(root, 'dist/cli/LICENSES.txt'), 'utf8');
  return [...new Set([...licences.matchAll(/^(\S+) (\d\S*) \(.+\)$/gm)].map(([, name, its]) => `${name}@${its}`))];
}

/** koffi's native parts for others than peerpid's architectures are never installed with it. */
function isForUs(name) {
  return !/^@koromix\/koffi-(?!linux-(x64|arm64)@)/.test(name);
}

function nameOf({ group, name, version: its }) {
  return `${group === undefined ? '' : `${group}/`}${name}@${its}`;
}
