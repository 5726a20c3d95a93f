import { execFileSync } from 'node:child_process';

import { requirePrograms } from './requirements.js';

const script = 'import os, sys; os.setxattr(sys.argv[1], sys.argv[2], sys.argv[3].encode())';

/** Sets an extended attribute of a cgroup's directory, as systemd does. */
export function setAttribute(context: Mocha.Context, directory: string, name: string, value: string): void {
  requirePrograms(context, 'python3');
  execFileSync('python3', ['-c', script, directory, name, value]);
}
