import { accessSync, constants } from 'node:fs';

import { callAtPath } from './calls/path-call.js';
import { openPath, statusOf } from './paths.js';
import { asSyscall } from './syscall-error.js';

/**
 * Whether there is a regular file at a path that we may execute. access(2)
 *
 * @throws SyscallError as stat(2) and access(2); ETIMEDOUT or EBUSY where a file system does not answer in time
 */
export function isExecutableFile(path: string): boolean {
  using file = openPath(Buffer.from(path), path);
  if ((statusOf(file).mode & constants.S_IFMT) !== constants.S_IFREG) return false;
  callAtPath({
    subject: path,
    call: ['access', Buffer.from(`${path}\0`), constants.X_OK],
    direct: () => {
      asSyscall(path, () => {
        accessSync(path, constants.X_OK);
      });
    },
  });
  return true;
}
