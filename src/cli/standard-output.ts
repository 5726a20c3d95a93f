import { fstatSync, writeSync } from 'node:fs';

import { exitStatuses } from '../words/problem.js';

let blocking: readonly number[] = [];

/** @param descriptors - of standard ones those that waited before Node made its streams */
export function rememberBlocking(descriptors: readonly number[]): void {
  blocking = descriptors;
}

/** Those that are to wait again, for a shell and its other programs, or when this starts over. */
export function rememberedBlocking(): readonly number[] {
  return blocking;
}

let farewell = '';

/** @param text - written to the terminal where this starts over, so that it is as it was before; empty for nothing */
export function rememberFarewell(text: string): void {
  farewell = text;
}

/** What gives the terminal back. */
export function rememberedFarewell(): string {
  return farewell;
}

let whenClosed: (() => void) | undefined;

/** Calls back when nobody reads the output any more, so that a command can clean up. Without a callback the process ends at once. */
export function onOutputClosed(callback: () => void): void {
  whenClosed = callback;
}

let told = false;

function outputFailed(error: NodeJS.ErrnoException): void {
  if (told) return;
  told = true;
  if (error.code !== 'EPIPE') {
    process.exitCode = exitStatuses.couldNotLook;
    process.stderr.write(
      `peerpid: standard output cannot be written: ${error.code ?? error.message}\n  hint: Free space there, or write elsewhere.\n`,
    );
  }
  if (whenClosed === undefined) process.exit();
  whenClosed();
}

/**
 * Deals with an output that cannot be written: a reader that went away, such
 * as head(1), ends the program quietly; a full disk is an error. To be called
 * again when oclif's Command is loaded, which brings a listener of its own: it
 * throws for all but EPIPE, and that would leave the socket file behind.
 */
export function watchOutput(): void {
  process.stdout.removeAllListeners('error');
  process.stdout.on('error', outputFailed);
  if (fstatSync(process.stdout.fd).isFile()) process.stdout._write = writeWhole;
  process.stderr.removeAllListeners('error');
  process.stderr.on('error', () => undefined);
}

/**
 * Node's own stream for a file looks past how much of it write(2) wrote: where a disk gets full in the middle, the
 * rest would be missing without an error. lib/internal/fs/sync_write_stream.js
 */
function writeWhole(data: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
  try {
    for (let written = 0; written < data.length;) written += writeSync(process.stdout.fd, data, written);
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}
