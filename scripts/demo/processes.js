import { spawn } from 'node:child_process';

/** Everything that was started, so that nothing of it is left behind. */
export class Processes {
  #running = new Set();
  #stopped = false;

  /** @returns the process; its `status` is what it exits with, or the signal that ended it */
  start(command, args, options = {}) {
    if (this.#stopped) throw new Error('stopped');
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    // Its standard input may be gone before it is closed here
    child.stdin?.on('error', () => undefined);
    const status = new Promise((resolve) => {
      child.on('error', (error) => resolve(error.code));
      child.on('exit', (code, signal) => resolve(code ?? signal));
    });
    const started = { child, pid: child.pid, status, hasEnded: false };
    this.#running.add(started);
    void status.then(() => {
      started.hasEnded = true;
      this.#running.delete(started);
    });
    return started;
  }

  /** Ends them all, and starts no more. */
  kill() {
    this.#stopped = true;
    for (const { child, pid } of this.#running) {
      // peerpid removes its socket; unshare(1) heeds nothing but SIGKILL, and its child dies with it
      if (pid !== undefined) child.kill(child.spawnfile === 'unshare' ? 'SIGKILL' : 'SIGTERM');
    }
  }

  async ended() {
    await Promise.all([...this.#running].map(({ status }) => status));
  }
}
