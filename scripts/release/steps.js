import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { changelog } from './changelog.js';
import { writeChecksums } from './checksums.js';
import { folder, root, tarball, version } from './package.js';
import { outputOf, show } from './run.js';
import { writeSbom } from './sbom.js';

/** Used for a release alone, and large: not among the packages that everybody installs who builds peerpid. */
const [publint, areTheTypesWrong] = ['publint@0.3.25', '@arethetypeswrong/cli@0.18.5'];

/**
 * In this order. Each shows what it does, and returns a word on it or nothing.
 *
 * @type {{ name: string, run: (options: { dryRun: boolean }) => string | undefined }[]}
 */
export const steps = [
  { name: 'version', run: checkVersion },
  { name: 'changelog', run: changelog },
  { name: 'tests', run: () => show('npm', 'test') },
  { name: 'pack', run: pack },
  {
    name: 'publint',
    run: () => show('npm', 'exec', '--yes', `--package=${publint}`, '--', 'publint', 'run', tarball, '--strict'),
  },
  {
    name: 'types',
    run: () =>
      show(
        'npm',
        'exec',
        '--yes',
        `--package=${areTheTypesWrong}`,
        '--',
        'attw',
        tarball,
        '--profile',
        'esm-only',
        '--no-emoji',
      ),
  },
  { name: 'executables', run: () => show('npm', 'run', '--silent', 'package:standalone') },
  { name: 'packages', run: () => show('npm', 'run', '--silent', 'package:deb') },
  { name: 'sbom', run: writeSbom },
  { name: 'checksums', run: writeChecksums },
  { name: 'signatures', run: () => show('npm', 'audit', 'signatures') },
];

/** @throws Error where the version is another one elsewhere, or a release is not of a committed state of main */
function checkVersion({ dryRun }) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).version;
  if (lock !== version) throw new Error(`package.json has ${version}, package-lock.json ${lock}`);
  const branch = outputOf('git', 'rev-parse', '--abbrev-ref', 'HEAD').trim();
  const changed = outputOf('git', 'status', '--porcelain').trim();
  const tagged = outputOf('git', 'tag', '--list', `v${version}`).trim();
  const against = [
    ...(branch === 'main' ? [] : [`this is ${branch}, not main`]),
    ...(changed === '' ? [] : ['there is what is not committed']),
    ...(tagged === '' ? [] : [`${tagged} is tagged already`]),
  ];
  process.stdout.write(`${version}\n`);
  if (against.length > 0 && !dryRun) throw new Error(against.join(', '));
  return [version, ...against].join(', ');
}

/** @throws Error where npm would run something when it is installed */
function pack() {
  rmSync(tarball, { force: true });
  show('npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
  const { scripts = {} } = JSON.parse(outputOf('tar', '-xzOf', tarball, 'package/package.json'));
  const atInstall = ['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => name in scripts);
  if (atInstall.length > 0) throw new Error(`the package has ${atInstall.join(', ')}`);
  return undefined;
}
