import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { isRoot, requirePrograms, requireThat } from '../machine/requirements.js';
import { TemporaryDirectory } from '../machine/temporary.js';
import { asUser, nobody, Service } from '../peers/service.js';
import { waitFor } from '../wait-for.js';

/** The sources lie beside this file's own. */
const sources = join(dirname(fileURLToPath(import.meta.url)), '../../../../test/helpers/hostile');

/** The source of one of the programs in C beside this file. */
export function sourceOf(name: string): string {
  return join(sources, `${name}.c`);
}

/** Compiles one of the programs in C beside this file, once a directory. @returns its path, which any user may run */
export function compiled(context: Mocha.Context, directory: TemporaryDirectory, name: string): string {
  requirePrograms(context, 'gcc');
  const program = directory.file(name);
  execFileSync('gcc', ['-O1', '-pthread', '-o', program, sourceOf(name)]);
  return program;
}

/** Compiled for all tests of a describe(). */
export interface HostileProgram {
  /** Others may make files in it. */
  readonly directory: TemporaryDirectory;
  /** As {@link startWithFuse}. */
  start(context: Mocha.Context, ...args: string[]): Promise<Service>;
}

/** Has one of the programs compiled before the tests of the describe() that calls this, and removed after them. */
export function hostileProgram(name: string): HostileProgram {
  let made: TemporaryDirectory | undefined;
  let program = '';
  before(function () {
    made = new TemporaryDirectory();
    chmodSync(made.path, 0o777);
    program = compiled(this, made, name);
  });
  after(() => {
    made?.[Symbol.dispose]();
  });
  return {
    get directory() {
      if (made === undefined) throw new Error('only in a test');
      return made;
    },
    start(context, ...args) {
      return startWithFuse(context, this.directory, program, ...args);
    },
  };
}

/**
 * Starts a hostile program with a FUSE of its own, as another user where we are root. Skips the test where no FUSE
 * may be made: without /dev/fuse, or where user namespaces are forbidden.
 *
 * @param program - of {@link compiled}; its first arguments are /dev/fuse and a directory for the mount
 */
export async function startWithFuse(
  context: Mocha.Context,
  directory: TemporaryDirectory,
  program: string,
  ...args: string[]
): Promise<Service> {
  const fuse = fuseDevice(directory);
  requireThat(context, fuse !== undefined, 'needs /dev/fuse');
  const mount = directory.file(`mount-${mounts++}`);
  mkdirSync(mount);
  if (isRoot) chownSync(mount, nobody, nobody);
  const service = await Service.start([...(isRoot ? asUser(nobody) : []), program, fuse ?? '', mount, ...args], {
    stop: 'SIGKILL',
  });
  await waitFor('the hostile program is ready', () => service.ended || service.log.includes('ready '), 10_000);
  if (!service.ended) return service;
  await service[Symbol.asyncDispose]();
  requireThat(context, false, `needs a FUSE of an ordinary user: ${service.log.trim()}`);
  return service;
}

let mounts = 0;

/** The process that a hostile program says it is. */
export function pidOf({ log }: Service): number {
  return Number(/ready (\d+)/.exec(log)?.[1]);
}

/** A device that every user may open: udev makes it so, and where it does not root can. */
export function fuseDevice(directory: TemporaryDirectory): string | undefined {
  try {
    if ((statSync('/dev/fuse').mode & 0o006) === 0o006) return '/dev/fuse';
    if (!isRoot) return undefined;
    const device = directory.file('fuse');
    if (!existsSync(device)) execFileSync('mknod', ['-m', '666', device, 'c', '10', '229'], { stdio: 'ignore' });
    chmodSync(device, 0o666);
    return device;
  } catch {
    return undefined;
  }
}
