// Packages of npm's registry that only packaging needs. They are no dependencies: nobody who works on peerpid is to wait
// for two hundred megabytes of Node. What they are is stated here and in package-lock.json, by version and checksum, so
// that the registry cannot give another.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { run } from '../run.js';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'peerpid-packages');

/**
 * Fetches one, unless it is there already.
 *
 * @param integrity - sha512 as in a package-lock.json
 * @returns the directory of its files
 * @throws Error where it cannot be had, or is another
 */
export async function fromRegistry(name, version, integrity) {
  const algorithm = 'sha512-';
  if (!integrity?.startsWith(algorithm)) throw new Error(`there is no checksum for ${name}@${version}`);
  // By the checksum: another is another directory
  const directory = join(cache, createHash('sha256').update(integrity).digest('hex').slice(0, 32));
  if (existsSync(directory)) return join(directory, 'package');
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'fetching-'));
  try {
    run('npm', ['pack', '--silent', '--pack-destination', fresh, `${name}@${version}`]);
    const [file] = await readdir(fresh);
    const tarball = join(fresh, file);
    const is =
      algorithm +
      createHash('sha512')
        .update(await readFile(tarball))
        .digest('base64');
    if (is !== integrity) throw new Error(`${name}@${version} is not what it was: ${is}`);
    run('tar', ['-xzf', tarball, '-C', fresh, '--no-same-owner']);
    await rm(tarball);
    await rename(fresh, directory);
  } catch (error) {
    await rm(fresh, { recursive: true });
    throw error;
  }
  return join(directory, 'package');
}
