/**
 * The tests on other kernels than this machine's, in qemu:
 *
 *     npm run test:kernels [-- [--tests TEXT] KERNEL…]
 *
 * KERNEL is the beginning of a version of Debian's (`6.12`), a suite (`sid`)
 * or `newest`; TEXT is part of a test file's name. CONTRIBUTING.md has more.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Archive } from './archive.js';
import { writeInitramfs } from './initramfs.js';
import { fetchKernel, findRelease, type Kernel } from './kernel.js';
import { hasKvm, runMachine, tailOf } from './machine.js';
import { NotReadyError } from './not-ready.js';
import { reasonsOf, tableOf, Tally } from './tally.js';
import { testFiles } from './test-files.js';
import { findTools } from './tools.js';

/** From one without SO_PEERPIDFD to the newest; between them the answers change. */
const usual = ['6.1', '6.12', '6.16', '6.18', 'sid', 'newest'];

const root = fileURLToPath(new URL('../../..', import.meta.url));

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function kernelsIn(cache: string, wanted: readonly string[]): Kernel[] {
  const archive = Archive.open(join(cache, 'apt'));
  const releases = new Set(wanted.map((one) => findRelease(archive, one)));
  return [...releases].map((release) => {
    say(`kernel ${release}`);
    return fetchKernel(archive, release, join(cache, 'kernels'));
  });
}

async function runOn(kernel: Kernel, qemu: string, directory: string, signal: AbortSignal): Promise<Tally> {
  const tally = new Tally(kernel.release);
  const console = join(directory, `console-${kernel.release}`);
  say(`\n${kernel.release}`);
  tally.problem = await runMachine({
    qemu,
    image: kernel.image,
    initramfs: join(directory, 'initramfs'),
    console,
    signal,
    onEvent: (event) => {
      tally.count(event);
      // Emulated it takes minutes
      if (event.event === 'pass' && tally.passed % 25 === 0) say(`  ${tally.passed} passed so far`);
      if (event.event === 'fail') say(`  failed: ${event.title}\n${event.error.replace(/^/gm, '    ')}`);
    },
  });
  for (const reason of reasonsOf(tally.skipped)) say(`  ${reason}`);
  say(`  ${tally.passed} passed, ${tally.failed.length} failed, ${tally.skipped.length} skipped`);
  if (tally.problem !== undefined) say(`  ${tally.problem}; its console ended with:\n${tailOf(console)}`);
  return tally;
}

/** @returns whether all was run, and nothing failed */
async function run(wanted: readonly string[], only: string | undefined, signal: AbortSignal): Promise<boolean> {
  const tools = findTools();
  const tests = testFiles(only);
  const kernels = kernelsIn(
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'peerpid-kernels'),
    wanted,
  );
  say(
    hasKvm
      ? 'The processor runs them (KVM).'
      : 'They are emulated, which takes minutes each: KVM is not to be had here.',
  );
  const directory = mkdtempSync(join(tmpdir(), 'peerpid-kernels-'));
  try {
    // Emulated, a program under strace takes minutes
    const more = hasKvm ? ['strace'] : [];
    writeInitramfs(join(directory, 'initramfs'), { root, busybox: tools.busybox, more, kernels, tests });
    const tallies: Tally[] = [];
    for (const kernel of kernels) {
      if (!signal.aborted) tallies.push(await runOn(kernel, tools['qemu-system-x86_64'], directory, signal));
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
const { values, positionals } = parseArgs({ allowPositionals: true, options: { tests: { type: 'string' } } });
try {
  if (!(await run(positionals.length > 0 ? positionals : usual, values.tests, interrupted.signal))) {
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof NotReadyError)) throw error;
  process.stderr.write(`test:kernels: ${error.message}\n`);
  process.exitCode = 1;
}
