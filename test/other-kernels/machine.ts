/** A machine with another kernel, which runs the tests and is then gone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import type { Architecture } from './architecture.js';
import type { GuestEvent } from './guest-event.js';

export interface MachineOptions {
  readonly architecture: Architecture;
  /** The kernel. */
  readonly image: string;
  readonly initramfs: string;
  /** The file that its console goes to. */
  readonly console: string;
  readonly onEvent: (event: GuestEvent) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Whether the processor itself can run another kernel. That /dev/kvm can be opened is not enough: where the
 * machine is a virtual one without nested virtualisation, there may be a KVM which runs kernels made for it only.
 */
const kvm = mayOpen('/dev/kvm') && /^flags\s*:.*\b(vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));

/** Whether the processor runs kernels of an architecture: KVM is for its own. */
export function hasKvmFor({ node }: Architecture): boolean {
  return kvm && node === process.arch;
}

function mayOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds without an event after which it is taken for hung. A test has three minutes; emulated, the start may take longer. */
const longestSilence = { kvm: 6 * 60_000, emulated: 15 * 60_000 };

/**
 * Starts a machine, and waits for its end.
 *
 * @returns undefined when it has run all tests, else how it ended
 */
export async function runMachine(options: MachineOptions): Promise<string | undefined> {
  const { architecture } = options;
  const isFast = hasKvmFor(architecture);
  const accelerator = isFast
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', 'tcg,thread=multi', '-cpu', architecture.emulated];
  const silence = longestSilence[isFast ? 'kvm' : 'emulated'];
  const args = [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-nic', 'none'],
    ...[...accelerator, '-m', '2560', '-smp', '2', '-kernel', options.image, '-initrd', options.initramfs],
    // After a panic it ends. What the kernel does not know it gives to init as a variable
    ...[
      '-append',
      `console=${architecture.console} panic=-1 loglevel=4 rdinit=/init peerpid_port=${architecture.port}`,
    ],
    ...['-serial', `file:${options.console}`, ...architecture.devices],
  ];
  const child = spawn(architecture.qemu, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let end: string | undefined = 'it ended before its tests did';
  const stop = (why: string): void => {
    end = why;
    child.kill('SIGKILL');
  };
  const watchdog = setTimeout(() => {
    stop(`it told nothing for ${silence / 60_000} minutes`);
  }, silence);
  const interrupt = (): void => {
    stop('it was interrupted');
  };
  options.signal.addEventListener('abort', interrupt, { once: true });
  createInterface({ input: child.stdout }).on('line', (line) => {
    watchdog.refresh();
    const event = JSON.parse(line) as GuestEvent;
    if (event.event === 'end') end = undefined;
    options.onEvent(event);
  });
  try {
    await closed;
  } finally {
    clearTimeout(watchdog);
    options.signal.removeEventListener('abort', interrupt);
    child.kill('SIGKILL');
  }
  return end;
}

/** The last lines of a console, without what would move the cursor of whoever reads them. */
export function tailOf(console: string, lines = 40): string {
  if (!existsSync(console)) return '';
  const text = readFileSync(console, 'latin1').replace(/\r/g, '');
  return text
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .join('\n')
    .replace(/[^\n\t\x20-\x7e]/g, '?');
}
