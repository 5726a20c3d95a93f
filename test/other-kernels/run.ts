/**
 * The tests on other kernels than this machine's, in qemu:
 *
 *     npm run test:kernels [-- [--tests TEXT]… [arm64] [KERNEL…]]
 *
 * They are Debian's for amd64, or for arm64. KERNEL is the beginning of a version (`6.12`), a suite (`sid`)
 * or `newest`; TEXT is part of a test file's name. CONTRIBUTING.md has more.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { amd64, type Architecture, arm64 } from './architecture.js';
import { Archive } from './archive.js';
import type { CpioWriter } from './cpio.js';
import { addForeignSystem, fetchSystem } from './foreign-system.js';
import { writeInitramfs } from './initramfs.js';
import { addInstalledSystem } from './installed-system.js';
import { fetchKernel, findRelease, type Kernel } from './kernel.js';
import { hasKvmFor, runMachine, tailOf } from './machine.js';
import { NotReadyError } from './not-ready.js';
import { reasonsOf, tableOf, Tally } from './tally.js';
import { testFiles } from './test-files.js';
import { checkTools } from './tools.js';

/** From one without SO_PEERPIDFD to the newest; between them the answers change. Of arm64 that of the stable Debian. */
const usual = { amd64: ['6.1', '6.12', '6.16', '6.18', 'sid', 'newest'], arm64: ['6.12'] };

const root = fileURLToPath(new URL('../../..', import.meta.url));

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function kernelsFrom(archive: Archive, cache: string, wanted: readonly string[]): Kernel[] {
  const releases = new Set(wanted.map((one) => findRelease(archive, one)));
  return [...releases].map((release) => {
    say(`kernel ${release}`);
    return fetchKernel(archive, release, join(cache, 'kernels'));
  });
}

async function runOn(
  kernel: Kernel,
  architecture: Architecture,
  directory: string,
  signal: AbortSignal,
): Promise<Tally> {
  const tally = new Tally(kernel.release);
  const console = join(directory, `console-${kernel.release}`);
  say(`\n${kernel.release}`);
  tally.problem = await runMachine({
    architecture,
    image: kernel.image,
    initramfs: join(directory, 'initramfs'),
    console,
    signal,
    onEvent: (event) => {
      tally.count(event);
      // Emulated it takes minutes
      if (event.event === 'pass' && tally.passed % 10 === 0) say(`  ${tally.passed} passed so far: ${event.title}`);
      if (event.event === 'fail') say(`  failed: ${event.title}\n${event.error.replace(/^/gm, '    ')}`);
    },
  });
  for (const reason of reasonsOf(tally.skipped)) say(`  ${reason}`);
  say(`  ${tally.passed} passed, ${tally.failed.length} failed, ${tally.skipped.length} skipped`);
  if (tally.problem !== undefined) say(`  ${tally.problem}; its console ended with:\n${tailOf(console)}`);
  return tally;
}

/** What puts an architecture's programs into the machine. */
function systemFor(archive: Archive, cache: string): (into: CpioWriter) => void {
  const { architecture } = archive;
  if (architecture.name === 'arm64') {
    const directory = fetchSystem(archive, root, join(cache, 'systems'));
    return (into) => {
      addForeignSystem(into, architecture, directory);
    };
  }
  // Emulated, a program under strace takes minutes
  const more = hasKvmFor(architecture) ? ['strace'] : [];
  return (into) => {
    addInstalledSystem(into, more);
  };
}

/** @returns whether all was run, and nothing failed */
async function run(
  architecture: Architecture,
  wanted: readonly string[],
  only: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  checkTools(architecture);
  const tests = testFiles(architecture, only);
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'peerpid-kernels');
  const archive = Archive.open(join(cache, `apt-${architecture.name}`), architecture);
  const kernels = kernelsFrom(archive, cache, wanted);
  const addSystem = systemFor(archive, cache);
  say(
    hasKvmFor(architecture)
      ? 'The processor runs them (KVM).'
      : 'They are emulated, which takes minutes each: KVM is not to be had here.',
  );
  const directory = mkdtempSync(join(tmpdir(), 'peerpid-kernels-'));
  try {
    writeInitramfs(join(directory, 'initramfs'), { root, addSystem, kernels, tests });
    const tallies: Tally[] = [];
    for (const kernel of kernels) {
      if (!signal.aborted) tallies.push(await runOn(kernel, architecture, directory, signal));
    }
    say(`\n${tableOf(tallies)}`);
    return tallies.every((tally) => tally.isGood);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupted.abort();
  });
}
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tests: { type: 'string', multiple: true } },
});
try {
  const architecture = positionals.includes('arm64') ? arm64 : amd64;
  const named = positionals.filter((word) => word !== 'arm64' && word !== 'amd64');
  const wanted = named.length > 0 ? named : usual[architecture.name];
  if (!(await run(architecture, wanted, values.tests, interrupted.signal))) {
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof NotReadyError)) throw error;
  process.stderr.write(`test:kernels: ${error.message}\n`);
  process.exitCode = 1;
}
