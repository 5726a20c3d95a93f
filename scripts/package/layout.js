// What is installed, and where below /usr or /usr/local: file-hierarchy(7).
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { nodeFor } from './executable.js';

/** Where zsh looks for what others bring: Debian's directory, and everybody else's. */
export const zshDirectories = { debian: 'share/zsh/vendor-completions', others: 'share/zsh/site-functions' };

/**
 * Copies it all.
 *
 * @param prefix - a directory, in place of /usr
 * @param zsh - its directory of completions
 */
export async function layOut(prefix, arch, executable, zsh) {
  const copy = (from, to, mode) => install(from, join(prefix, to), mode);
  await copy(executable, 'bin/peerpid', 0o755);
  const { man } = JSON.parse(await readFile('package.json', 'utf8'));
  for (const page of man) await copy(page, `share/${page.replace(/^man\/(.*\.(\d))$/, 'man/man$2/$1')}`);
  await copy('dist/completions/peerpid.bash', 'share/bash-completion/completions/peerpid');
  await copy('dist/completions/_peerpid', join(zsh, '_peerpid'));
  await copy('dist/completions/peerpid.fish', 'share/fish/vendor_completions.d/peerpid.fish');
  await put(join(prefix, 'share/doc/peerpid/copyright'), await licences(arch));
}

/** Copies a file into a directory that need not be there. */
export async function install(from, path, mode = 0o644) {
  await mkdir(dirname(path), { recursive: true });
  await copyFile(from, path);
  await chmod(path, mode);
}

/** Writes one likewise. */
export async function put(path, content, mode = 0o644) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await chmod(path, mode);
}

/** The units of systemd, where it finds them. @throws Error where they do not say any more how they are installed */
export async function putUnits(directory) {
  for (const unit of await readdir('docs/systemd')) {
    const text = await readFile(join('docs/systemd', unit), 'utf8');
    const byHand = /^# To be copied to \/etc\/systemd\/system, and then\n#   systemctl daemon-reload && /m;
    const starts = /^\[Install\]$/m.test(text) && unit.endsWith('.service');
    if (starts && !byHand.test(text)) throw new Error(`${unit} does not say how it is installed`);
    await put(join(directory, unit), text.replace(byHand, '# It is disabled until somebody types\n#   '));
  }
}

/** Of all that is in the executable. */
async function licences(arch) {
  const parts = [
    ['peerpid', 'LICENSE'],
    ['Packages in its bundle', 'dist/cli/LICENSES.txt'],
    ['koffi', 'node_modules/koffi/LICENSE.txt'],
    ['Node.js', join(await nodeFor(arch), 'LICENSE')],
  ];
  const texts = await Promise.all(parts.map(async ([name, path]) => `${name}\n\n${await readFile(path, 'utf8')}`));
  return texts.join(`\n${'='.repeat(72)}\n\n`);
}
