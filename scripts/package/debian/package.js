// Makes the package for Debian: deb(5), deb-control(5).
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { folder, version } from '../../release/package.js';
import { lastChange, run } from '../../run.js';
import { install, layOut, put, putUnits, zshDirectories } from '../layout.js';
import { dependencies } from './dependencies.js';

const architectures = { x64: 'amd64', arm64: 'arm64' };
const here = 'scripts/package/debian';

/** @param directory - for what it is made of, which is not there yet. @param fast - sooner, and larger. @returns the package's path */
export async function makeDeb(arch, executable, directory, fast) {
  const usr = join(directory, 'usr');
  await layOut(usr, arch, executable, zshDirectories.debian);
  const documents = join(usr, 'share/doc/peerpid');
  for (const section of await readdir(join(usr, 'share/man'))) {
    for (const page of await readdir(join(usr, 'share/man', section))) await zip(join(usr, 'share/man', section, page));
  }
  await put(join(documents, 'changelog.gz'), zipped(changelog()));
  await put(join(documents, 'CHANGELOG.md.gz'), zipped(await readFile('CHANGELOG.md')));
  await putUnits(join(directory, 'lib/systemd/system'));
  await install(join(here, 'overrides'), join(usr, 'share/lintian/overrides/peerpid'));
  const control = join(directory, 'DEBIAN');
  for (const script of ['postinst', 'prerm', 'postrm']) await install(join(here, script), join(control, script), 0o755);
  await put(join(control, 'control'), await controlFile(arch, executable, directory));
  await put(join(control, 'md5sums'), sums(directory));
  // Directories, too, whatever umask(2) is here
  run('chmod', ['-R', 'u=rwX,go=rX', directory]);
  const output = join(folder, `peerpid_${version}_${architectures[arch]}.deb`);
  const compression = fast ? ['-Zgzip', '-z1'] : ['-Zxz'];
  const options = ['--root-owner-group', ...compression, '--build', directory, output];
  run('dpkg-deb', options, { env: { ...process.env, SOURCE_DATE_EPOCH: lastChange('%ct') } });
  return output;
}

async function zip(path) {
  await put(`${path}.gz`, zipped(await readFile(path)));
  run('rm', [path]);
}

/** Without a time, as `gzip -9n` does it. */
function zipped(content) {
  return gzipSync(content, { level: 9 });
}

/** Who packs says it as for Debian's own tools: debchange(1). */
function maintainer() {
  const { DEBFULLNAME: name, DEBEMAIL: mail } = process.env;
  return name === undefined || mail === undefined ? lastChange('%aN <%aE>') : `${name} <${mail}>`;
}

/** deb-changelog(5). What changed is in the other one. */
function changelog() {
  const date = run('date', ['--utc', '--rfc-email', `--date=@${lastChange('%ct')}`]).trim();
  return `peerpid (${version}) unstable; urgency=medium\n\n  * What changed is in CHANGELOG.md.gz.\n\n -- ${maintainer()}  ${date}\n`;
}

async function controlFile(arch, executable, directory) {
  const { description } = JSON.parse(await readFile('package.json', 'utf8'));
  const size = run('du', ['--summarize', '--apparent-size', '--block-size=1024', '--exclude=DEBIAN', directory]);
  return `Package: peerpid
Version: ${version}
Architecture: ${architectures[arch]}
Maintainer: ${maintainer()}
Installed-Size: ${Number.parseInt(size, 10)}
Depends: ${dependencies(executable)}
Recommends: libbpf1, libsystemd0
Section: admin
Priority: optional
Description: tells who is really at the other end of a local socket
${folded(await readFile(join(here, 'description'), 'utf8'))}`;
}

/** As a field has paragraphs. */
function folded(text) {
  return text.replace(/^.*\n/gm, (line) => (line === '\n' ? ' .\n' : ` ${line}`));
}

/** Of all that is installed. */
function sums(directory) {
  const files = run('find', ['usr', 'lib', '-type', 'f'], { cwd: directory }).trim().split('\n').sort();
  return run('md5sum', files, { cwd: directory });
}
