/** Which protocol a socket of another process is of, without a duplicate of it. */
import { close, getxattr, openat } from '../libc.js';
import { uapi } from '../uapi.js';
import { linksTo } from './descriptor-links.js';

const attribute = Buffer.from('system.sockprotoname\0');
const answer = Buffer.alloc(64);

/**
 * The name that the kernel has for a socket's protocol, as in /proc/net/protocols: `UNIX` and `UNIX-STREAM` of AF_UNIX.
 * A descriptor of O_PATH is asked, which keeps no socket open, and only if it is of that socket: of another file the file
 * system would be asked. net/socket.c, sockfs_xattr_get()
 *
 * @param link - such as /proc/PID/fd/N
 * @returns undefined where it is another file by now, or may not be looked at
 */
export function protocolAt(link: string, inode: number): string | undefined {
  const opened = openat(uapi.AT_FDCWD, Buffer.from(`${link}\0`), uapi.O_PATH | uapi.O_CLOEXEC);
  if (opened < 0) return undefined;
  try {
    const own = `/proc/self/fd/${opened}`;
    if (!linksTo(uapi.AT_FDCWD, own, inode)) return undefined;
    const length = getxattr(Buffer.from(`${own}\0`), attribute, answer, answer.length);
    // With the NUL at its end
    return length > 0 ? answer.toString('latin1', 0, length - 1) : undefined;
  } finally {
    close(opened);
  }
}
