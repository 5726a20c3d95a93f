import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { arch, homedir } from 'node:os';
import { join } from 'node:path';

import { amd64, arm64 } from '../../other-kernels/architecture.js';
import { Archive } from '../../other-kernels/archive.js';
import { NotReadyError } from '../../other-kernels/not-ready.js';
import { requireThat } from './requirements.js';

/** The message buses of a newer Debian, which give ProcessFD, as commands. */
export interface NewerBuses {
  readonly daemon: string;
  readonly broker: string;
  readonly launch: string;
}

/** What is fetched, and from which Debian: dbus-daemon 1.16, dbus-broker 37. */
const [names, suite] = [['dbus-daemon', 'dbus-broker'], 'trixie'] as const;

/**
 * Fetches the buses, by an apt of its own, into a directory of its own, unless they are there. They run with the
 * libraries that came with them.
 *
 * @param context - of the test, which is skipped where they cannot be had; in CI it fails
 */
export function requireNewerBuses(context: Mocha.Context): NewerBuses {
  const directory = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'peerpid-buses', suite);
  try {
    if (!existsSync(join(directory, 'root'))) fetchInto(directory);
  } catch (error) {
    if (!(error instanceof NotReadyError) || process.env['CI'] === 'true') throw error;
    requireThat(context, false, `needs dbus-daemon and dbus-broker of ${suite}: ${error.message.split('\n')[0] ?? ''}`);
  }
  return {
    daemon: started(directory, 'dbus-daemon'),
    broker: started(directory, 'dbus-broker'),
    launch: started(directory, 'dbus-broker-launch'),
  };
}

function fetchInto(directory: string): void {
  mkdirSync(directory, { recursive: true });
  const archive = Archive.open(directory, arch() === 'arm64' ? arm64 : amd64, [suite]);
  const root = join(directory, `root.${process.pid}`);
  for (const file of archive.downloadWithNeeds(names, suite)) {
    const { status, stderr } = spawnSync('dpkg-deb', ['-x', file, root], { encoding: 'utf8' });
    if (status !== 0) throw new NotReadyError(`dpkg-deb -x ${file} failed: ${stderr}`);
  }
  renameSync(root, join(directory, 'root'));
  for (const part of ['cache', 'state']) rmSync(join(directory, part), { recursive: true });
}

/** A program that starts one of them with its own dynamic linker and libraries. */
function started(directory: string, name: string): string {
  const libraries = join(directory, 'root/usr/lib', arch() === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu');
  const linker = readdirSync(libraries).find((file) => file.startsWith('ld-linux-'));
  if (linker === undefined) throw new Error(`there is no dynamic linker in ${libraries}`);
  const path = join(directory, name);
  const program = join(directory, 'root/usr/bin', name);
  writeFileSync(path, `#!/bin/sh\nexec ${join(libraries, linker)} --library-path ${libraries} ${program} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}
