let whenClosed: (() => void) | undefined;

/** Has something cleaned up, rather than the process ended at once, when nobody reads the output any more. */
export function onOutputClosed(callback: () => void): void {
  whenClosed = callback;
}

let told = false;

function outputFailed(error: NodeJS.ErrnoException): void {
  if (told) return;
  told = true;
  if (error.code !== 'EPIPE') {
    process.exitCode = 1;
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
  process.stderr.removeAllListeners('error');
  process.stderr.on('error', () => undefined);
}
