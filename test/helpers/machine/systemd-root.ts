import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { uapi } from '../../../native-probe/uapi.js';
import { Service } from '../peers/service.js';
import { programRoot } from '../running/program-root.js';
import { waitFor } from '../wait-for.js';
import { childrenOf } from './pid-namespace.js';
import { isRoot, requirePrograms, requireThat } from './requirements.js';
import { TemporaryDirectory } from './temporary.js';

const systemd = '/usr/lib/systemd/systemd';

/**
 * A root of its own: this machine's files by an overlay, of which nothing is written back, and file systems of its own
 * where systemd makes anything. What is the machine's to set (/proc/sys) is read-only.
 */
const script = `
base=$0 project=$1; shift
mount --make-rprivate /
mount -t tmpfs none "$base"
mkdir "$base/upper" "$base/work" "$base/root"
root=$base/root
mount -t overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" none "$root"
mount -t proc proc "$root/proc"; mount --bind "$root/proc/sys" "$root/proc/sys"; mount -o remount,ro,bind "$root/proc/sys"
mount -t sysfs sysfs "$root/sys"
for tree in "$@"; do
  case $tree in
  hybrid) mount -t tmpfs none "$root/sys/fs/cgroup"; mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
    mount -t cgroup -o name=systemd cgroup "$root/sys/fs/cgroup/systemd"; mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified";;
  unified) mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup";;
  esac
done
mount -t tmpfs none "$root/dev"
for node in 'null 3' 'zero 5' 'full 7' 'random 8' 'urandom 9'; do mknod -m 666 "$root/dev/\${node% *}" c 1 "\${node#* }"; done
mkdir "$root/dev/pts" "$root/dev/shm"; ln -s /proc/self/fd "$root/dev/fd"
for own in run tmp var/log etc/systemd/system; do mount -t tmpfs none "$root/$own"; done
mkdir -p "$root$project"; mount --bind "$project" "$root$project"
mkdir -p "$root/etc/systemd/user"; cd "$root"
while read -r name && read -r size; do head -c "$size" >"etc/systemd/$name"; done
mkdir old; pivot_root . old; umount -l /old
exec env -i container=peerpid-test PATH=/usr/bin:/bin:/usr/sbin:/sbin ${systemd} --unit=peerpid-test.target --log-target=null --show-status=no
`;

/** A systemd that runs in namespaces and a root of its own, with units of the test's alone that are started. */
export class SystemdRoot implements AsyncDisposable {
  private constructor(
    private readonly directory: TemporaryDirectory,
    private readonly cgroups: readonly string[],
    private readonly unshared: Service,
  ) {}

  /**
   * Starts it, and waits until its units are started.
   *
   * @param units - by their names below /etc/systemd, such as `system/app.socket`
   * @param wants - those that are started
   */
  static async start(
    context: Mocha.Context,
    units: Readonly<Record<string, string>>,
    wants: readonly string[],
  ): Promise<SystemdRoot> {
    requirePrograms(context, 'unshare', 'nsenter', 'mount', 'pivot_root', 'systemctl');
    requireThat(context, isRoot, 'needs root, to give systemd a root of its own');
    requireThat(context, existsSync(systemd), `needs ${systemd}`);
    const isUnified = statfsSync('/sys/fs/cgroup').type === uapi.CGROUP2_SUPER_MAGIC;
    const trees = isUnified ? ['/sys/fs/cgroup'] : ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified'];
    requireThat(context, trees.every(existsSync), 'needs a cgroup tree for systemd');
    const directory = new TemporaryDirectory();
    const cgroups = trees.map((tree) => join(tree, `peerpid-test-systemd-${process.pid}`));
    for (const cgroup of cgroups) mkdirSync(cgroup, { recursive: true });
    const target = `[Unit]\nDefaultDependencies=no\nWants=${wants.join(' ')}\n`;
    const files = Object.entries({ ...units, 'system/peerpid-test.target': target });
    const input = directory.file('units');
    writeFileSync(input, files.map(([name, text]) => `${name}\n${Buffer.byteLength(text)}\n${text}`).join(''));
    mkdirSync(directory.file('base'));
    const kinds = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--cgroup', '--net', '--uts', '--ipc'];
    const entering = cgroups.map((cgroup) => `echo $$ >'${cgroup}/cgroup.procs'`).join(' && ');
    const command = ['unshare', ...kinds, 'sh', '-e', '-c', script, directory.file('base'), programRoot];
    const unshared = await Service.start(
      ['sh', '-c', `${entering} && exec "$@" <'${input}'`, 'sh', ...command, isUnified ? 'unified' : 'hybrid'],
      { stop: 'SIGKILL' },
    );
    const started = new SystemdRoot(directory, cgroups, unshared);
    try {
      await waitFor('systemd has started its units', () => unshared.ended || started.isActive(wants), 30_000);
      if (unshared.ended) requireThat(context, false, `systemd does not start here: ${unshared.log.trim()}`);
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
    return started;
  }

  /** The command that runs another in there. */
  get enter(): string[] {
    const pid = childrenOf(this.unshared.pid)[0] ?? 0;
    return ['nsenter', '--target', `${pid}`, '--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup'];
  }

  /** Runs a command in there. @returns what it prints */
  run(...command: string[]): string {
    const [program = '', ...args] = [...this.enter, ...command];
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  }

  private isActive(units: readonly string[]): boolean {
    try {
      this.run('systemctl', 'is-active', ...units);
      return true;
    } catch (error) {
      // Not entered yet, or not all of them
      if ((error as { status?: number | null }).status === undefined) throw error;
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its first process ends with unshare(1), and all others with that
    await this.unshared[Symbol.asyncDispose]();
    for (const cgroup of this.cgroups) {
      await waitFor(`${cgroup} can be removed`, () => isRemoved(cgroup), 10_000);
    }
    this.directory[Symbol.dispose]();
  }
}

/** From the lowest upwards. */
function isRemoved(cgroup: string): boolean {
  const below = execFileSync('find', [cgroup, '-depth', '-type', 'd'], { encoding: 'utf8' }).trim().split('\n');
  try {
    for (const directory of below) rmdirSync(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    return false;
  }
}
