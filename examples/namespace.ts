import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { searched } from './programs.js';
import type { Shown } from './shown.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The users of the stage, so that it is the same on every machine. */
const users = {
  root: 0,
  'www-data': 33,
  postgres: 105,
  messagebus: 106,
  shop: 990,
  alice: 1000,
  bob: 1001,
  nobody: 65534,
};
export type User = keyof typeof users;
const docker = 991;

const passwd = Object.entries(users).map(([name, id]) => `${name}:x:${id}:${id}::/tmp:/bin/sh`);
const group = [...Object.entries(users).map(([name, id]) => `${name}:x:${id}:`), `docker:x:${docker}:bob`];

/**
 * File systems of its own where anything is made, and below /mnt what is typed. The shell stays process 1, which
 * reaps what others leave behind.
 */
const script = `set -e
mount --make-rprivate /
hostname shop
mount -t tmpfs none /mnt
mkdir /mnt/bin /mnt/peerpid
mount --bind "$0" /mnt/peerpid
ln -s ../peerpid/bin/run.cjs /mnt/bin/peerpid
cp /mnt/peerpid/examples/actor.py /mnt/bin
chmod 755 /mnt/bin/actor.py
ln -s "$(command -v node || echo "$1")" /mnt/bin/node
mount -t tmpfs -o mode=755 none /dev
for node in 'null 3' 'zero 5' 'full 7' 'random 8' 'urandom 9'; do mknod -m 666 "/dev/\${node% *}" c 1 "\${node#* }"; done
mknod -m 666 /dev/tty c 5 0
mkdir /dev/pts /dev/shm
mount -t devpts -o newinstance,ptmxmode=666 none /dev/pts
ln -s pts/ptmx /dev/ptmx
ln -s /proc/self/fd /dev/fd
mount -t tmpfs none /dev/shm
mount -t tmpfs -o mode=755 none /run
mount -t tmpfs -o mode=1777 none /tmp
printf '%s\\n' "$2" >/mnt/passwd
printf '%s\\n' "$3" >/mnt/group
printf 'passwd: files\\ngroup: files\\n' >/mnt/nsswitch.conf
for file in passwd group nsswitch.conf; do mount --bind "/mnt/$file" "/etc/$file"; done
shift 3
status=0
taskset -c "$1" node /mnt/peerpid/build/examples/play.js "$2" || status=$?
exit $status
`;

/** Runs a command without the descriptors that others left open: sockets among them would be in what is printed. */
const withoutOthers = 'import os, sys; os.closerange(3, 1 << 16); os.execvp(sys.argv[1], sys.argv[1:])';

/** The options of unshare(1) for all that a scene has of its own. */
export const unsharing = ['--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup', '--fork'];

/** Has a scene played in namespaces of its own. @returns what was typed in it, and what that printed */
export async function played(scene: string): Promise<readonly (Shown | null)[]> {
  const lists = [passwd, group].map((lines) => lines.join('\n'));
  const playing = ['sh', '-c', script, root, process.execPath, ...lists, `${someProcessor()}`, scene];
  const unshare = ['unshare', ...unsharing, '--kill-child', '--mount-proc', ...playing];
  // Pipes of Node's are sockets of our network namespace, which are none of the scene's
  const directory = mkdtempSync(join(tmpdir(), 'peerpid-scene-'));
  const [printed, said] = [join(directory, 'printed'), join(directory, 'said')];
  const descriptors = [printed, said].map((path) => openSync(path, 'w'));
  try {
    const child = spawn('python3', ['-c', withoutOthers, ...unshare], {
      timeout: 60_000,
      killSignal: 'SIGKILL',
      stdio: ['ignore', ...descriptors],
      env: { PATH: searched() },
    });
    const [status] = (await once(child, 'close')) as [number | null];
    if (status !== 0) throw new Error(`the scene ${scene} ended with ${String(status)}: ${readFileSync(said, 'utf8')}`);
    return JSON.parse(readFileSync(printed, 'utf8')) as readonly (Shown | null)[];
  } finally {
    descriptors.forEach((descriptor) => {
      closeSync(descriptor);
    });
    rmSync(directory, { recursive: true });
  }
}

/**
 * One that we may run on. With all of a scene on one, the inode numbers of sockets rise, and what is listed by them
 * stands in the same order each time.
 */
function someProcessor(): number {
  const [, allowed = '0'] = /^Cpus_allowed_list:\t(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const all = allowed.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return all[Math.floor(Math.random() * all.length)] ?? 0;
}
