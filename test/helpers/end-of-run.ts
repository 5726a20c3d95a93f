/**
 * Each process of mocha's requires it: whatever it has started ends with it. A test that mocha gives
 * up on never comes to its `using`, and its children would outlive the run, or keep it from ending.
 */
import { readdirSync, readFileSync } from 'node:fs';

process.on('exit', () => {
  for (const pid of descendantsOf(process.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself
    }
  }
});

// How mocha ends a process of its --parallel when it is itself interrupted: without this, no `exit` would come
if (process.send !== undefined) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}

/** Mocha hands a rejection that nobody handles to the process, where without this it would be lost: the test would wait. */
function fail(reason: unknown): never {
  throw reason;
}

export const mochaHooks = {
  beforeEach(): void {
    // A worker of --parallel takes all listeners away after each file
    if (!process.listeners('unhandledRejection').includes(fail)) process.on('unhandledRejection', fail);
  },
};

/** Those that a process has started, and all that these have. */
function descendantsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
      .filter((child) => child !== '')
      .map(Number)
      .flatMap((child) => [child, ...descendantsOf(child)]);
  } catch {
    return [];
  }
}
