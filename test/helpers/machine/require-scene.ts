import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { unsharing } from '../../../examples/namespace.js';
import { missingPrograms } from '../../../examples/programs.js';
import { requireKernel } from './kernel-gives.js';
import { isRoot, requirePrograms, requireThat } from './requirements.js';

/** Skips the test where no scene of `examples/` can be played, or not with these programs. */
export async function requireScene(context: Mocha.Context, needs: readonly string[]): Promise<void> {
  const always = ['hostname', 'mkfifo', 'mknod', 'mount', 'python3', 'script', 'setpriv', 'stty', 'taskset', 'unshare'];
  requirePrograms(context, ...always, ...missingPrograms(needs));
  requireThat(context, isRoot, 'it takes root, to make users and services of their own');
  const mayUnshare = spawnSync('unshare', [...unsharing, 'true']).status === 0;
  requireThat(context, mayUnshare, 'namespaces cannot be made here');
  requireThat(context, existsSync('/proc/sys/kernel/ns_last_pid'), 'PIDs cannot be chosen here');
  await requireKernel(context, 'a pidfd of a peer that is reaped');
  await requireKernel(context, 'exit statuses (PIDFD_GET_INFO)');
}
