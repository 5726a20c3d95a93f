import { run } from '../../run.js';

/** Which version of Debian's package has what a symbol version stands for: the rows of each are in order. */
const packages = [
  { name: 'libatomic1', prefix: 'LIBATOMIC_', versions: [['1.0', '4.8']] },
  { name: 'libc6', prefix: 'GLIBC_', versions: undefined },
  {
    name: 'libgcc-s1',
    prefix: 'GCC_',
    versions: [
      ['3.0', '3.0'],
      ['3.3', '3.3'],
      ['3.3.1', '3.3.1'],
      ['4.0.0', '4.0'],
      ['4.2.0', '4.2'],
    ],
  },
  {
    name: 'libstdc++6',
    prefix: 'CXXABI_1.3.',
    versions: [
      ['9', '5.2'],
      ['10', '6'],
      ['11', '7'],
      ['12', '9'],
      ['13', '11'],
      ['14', '13'],
    ],
  },
];

/**
 * The field Depends: the libraries that an executable is linked with, as old as they may be.
 *
 * @throws Error where it needs one that is not known here
 */
export function dependencies(executable) {
  const needs = new Set(
    Array.from(run('llvm-readelf', ['--version-info', executable]).matchAll(/Name: (\S+)/g), ([, name]) => name),
  );
  return packages.map((one) => `${one.name} (>= ${oldest(one, needs)})`).join(', ');
}

function oldest({ name, prefix, versions }, needs) {
  const needed = [...needs].filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
  const newest = needed.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (newest === undefined) throw new Error(`nothing is needed of ${name}`);
  // The C library's are its own versions
  if (versions === undefined) return newest;
  const found = versions.find(([symbols]) => symbols === newest);
  if (found === undefined) throw new Error(`which ${name} has ${prefix}${newest}?`);
  return found[1];
}
