// Makes the package for Fedora and others: rpmbuild(8).
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { folder, version } from '../release/package.js';
import { run } from '../run.js';
import { install, layOut, put, putUnits, zshDirectories } from './layout.js';

const architectures = { x64: 'x86_64', arm64: 'aarch64' };

/** @param directory - for what it is made of, which is not there yet. @returns the package's path */
export async function makeRpm(arch, executable, directory) {
  const tree = join(directory, 'tree');
  await layOut(join(tree, 'usr'), arch, executable, zshDirectories.others);
  await install('CHANGELOG.md', join(tree, 'usr/share/doc/peerpid/CHANGELOG.md'));
  await putUnits(join(tree, 'usr/lib/systemd/system'));
  const spec = join(directory, 'peerpid.spec');
  await put(spec, await specification(resolve(tree)));
  const target = architectures[arch];
  const define = (name, value) => ['--define', `${name} ${value}`];
  const macros = [
    ...define('_topdir', join(directory, 'top')),
    // What it writes otherwise is its own database, in a home directory
    ...define('_dbpath', join(directory, 'database')),
    ...define('_rpmdir', join(directory, 'made')),
    ...define('_build_name_fmt', '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm'),
  ];
  run('rpmbuild', ['-bb', '--target', `${target}-linux`, ...macros, spec]);
  const name = `peerpid-${version}-1.${target}.rpm`;
  await mkdir(folder, { recursive: true });
  await copyFile(join(directory, 'made', name), join(folder, name));
  return join(folder, name);
}

async function specification(tree) {
  const description = await readFile('scripts/package/debian/description', 'utf8');
  return `Name: peerpid
Version: ${version}
Release: 1
Summary: Who is really at the other end of a local socket
License: MIT, and those of Node.js
Recommends: libbpf.so.1()(64bit)
Recommends: libsystemd.so.0()(64bit)
# What is stripped already is to stay as it is: what is appended to it is its program
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global _binary_payload w15.zstdio

%description
${description}
%install
mkdir -p %{buildroot}
cp -a ${tree}/. %{buildroot}

%preun
if [ $1 -eq 0 ] && [ -d /run/systemd/system ]; then
  systemctl --no-reload disable --now peerpid-scan.timer peerpid-trace.service || :
fi

%files
%defattr(-,root,root)
/usr/bin/peerpid
/usr/lib/systemd/system/*
/usr/share/bash-completion/completions/peerpid
/usr/share/zsh/site-functions/_peerpid
/usr/share/fish/vendor_completions.d/peerpid.fish
%doc /usr/share/doc/peerpid/CHANGELOG.md
%license /usr/share/doc/peerpid/copyright
%doc /usr/share/man/man*/*
`;
}
