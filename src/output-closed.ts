let whenClosed: (() => void) | undefined;

/** Has something cleaned up, rather than the process ended at once, when nobody reads the output any more. */
export function onOutputClosed(callback: () => void): void {
  whenClosed = callback;
}

/**
 * Deals with an output that cannot be written: a reader that went away, such
 * as head(1), ends the program quietly; a full disk is an error.
 */
export function watchOutput(): void {
  // oclif's own listener throws for all but EPIPE, which ends in a stack trace and leaves the socket file
  process.stdout.removeAllListeners('error');
  let told = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (told) return;
    told = true;
    if (error.code !== 'EPIPE') {
      process.exitCode = 1;
      process.stderr.write(
        `peerpid: standard output: ${error.code ?? error.message}\n  hint: Nothing more can be written there.\n`,
      );
    }
    if (whenClosed === undefined) process.exit();
    whenClosed();
  });
  process.stderr.on('error', () => undefined);
}
