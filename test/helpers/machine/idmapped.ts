/** Wrappers that mount, in a mount namespace of their own, what lets nobody write a socket's file. */

/** Mounts a directory onto itself with other ids, and runs what follows: `idmapped(directory, uids, gids)`. mount_setattr(2) */
const idmapping = `
import ctypes, os, struct, sys
directory, uids, gids = sys.argv[1:4]
libc = ctypes.CDLL(None, use_errno=True)
def check(result):
    if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
ready, go = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    check(libc.unshare(0x10000000))
    os.write(ready[1], b'x')
    os.read(go[0], 1)
    os._exit(0)
os.read(ready[0], 1)
for name, ids in (('uid_map', uids), ('gid_map', gids)):
    with open('/proc/%d/%s' % (child, name), 'w') as f: f.write(ids.replace(',', '\\n') + '\\n')
namespace = os.open('/proc/%d/ns/user' % child, os.O_RDONLY)
tree = check(libc.syscall(428, -100, directory.encode(), 1))
attributes = struct.pack('QQQQ', 0x100000, 0, 0, namespace)
check(libc.syscall(442, tree, b'', 0x1000, attributes, len(attributes)))
check(libc.syscall(429, tree, b'', -100, directory.encode(), 4))
os.write(go[1], b'x')
os.waitpid(child, 0)
os.execvp(sys.argv[4], sys.argv[4:])
`;

/** @param uids - as uid_map takes them, with commas: of the file system, as they are shown, how many */
export function idmapped(directory: string, uids: string, gids: string): string[] {
  return ['unshare', '--mount', 'python3', '-c', idmapping, directory, uids, gids];
}

/** In a file system at `directory` the file `socket` is a socket's that anybody may write, and nobody, as it is immutable. */
export function immutableSocket(directory: string): string[] {
  const bind = `import os, socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o666)`;
  const script = [
    'truncate -s 8M "$0/image"',
    'mkfs.ext4 -q "$0/image"',
    'mkdir "$0/mounted"',
    'mount -o loop "$0/image" "$0/mounted"',
    `python3 -c '${bind}' "$0/mounted/socket"`,
    'umount "$0/mounted"',
    'debugfs -w -R "set_inode_field /socket flags 0x10" "$0/image" 2>/dev/null',
    'mount -o loop "$0/image" "$0/mounted"',
    'exec "$@"',
  ].join(' && ');
  return ['unshare', '--mount', 'sh', '-c', script, directory];
}
